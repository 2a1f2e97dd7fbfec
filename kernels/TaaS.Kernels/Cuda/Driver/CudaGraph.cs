namespace TaaS.Kernels.Cuda;

/// <summary>Recorded work that one call queues whole. The memory it touches must outlive it.</summary>
internal sealed unsafe class CudaGraph : IDisposable
{
    private nint _executable;

    /// <summary>Makes a captured graph ready to launch; the caller keeps the capture.</summary>
    internal CudaGraph(nint graph) => _executable = Instantiate(graph);

    /// <summary>Queues the whole recorded work.</summary>
    internal void Launch(CudaStream stream)
    {
        ObjectDisposedException.ThrowIf(_executable == 0, this);
        DriverApi.GraphLaunch(_executable, stream.Handle).ThrowIfFailed("cuGraphLaunch");
    }

    /// <summary>Takes over the parameters of a capture of the same form; instantiates it anew where the form differs.</summary>
    /// <returns>True when changed in place.</returns>
    internal bool Update(nint graph)
    {
        ObjectDisposedException.ThrowIf(_executable == 0, this);
        GraphUpdateInfo info = default;
        var result = DriverApi.GraphExecUpdate(_executable, graph, &info);
        if (result == CudaResult.GraphExecUpdateFailure)
        {
            var fresh = Instantiate(graph);
            Destroy(_executable);
            _executable = fresh;
            return false;
        }

        result.ThrowIfFailed("cuGraphExecUpdate");
        return true;
    }

    public void Dispose()
    {
        if (_executable != 0)
        {
            Destroy(_executable);
            _executable = 0;
        }
    }

    private static nint Instantiate(nint graph)
    {
        nint executable = 0;
        DriverApi.GraphInstantiate(&executable, graph, 0).ThrowIfFailed("cuGraphInstantiate");
        return executable;
    }

    private static void Destroy(nint executable) => DriverApi.GraphExecDestroy(executable).ThrowIfFailed("cuGraphExecDestroy");
}
