namespace TaaS.Kernels.Cuda;

/// <summary>Records what an action queues on a stream instead of running it.</summary>
internal static unsafe class CudaStreamCapture
{
    /// <summary>The recorded work as a graph that can be replayed.</summary>
    /// <param name="stream">Not the legacy default stream, which cannot be captured.</param>
    /// <param name="work">Queues work on the stream; must neither synchronise nor allocate outside it.</param>
    /// <exception cref="CudaException">Something in <paramref name="work"/> cannot be captured. The stream is usable again.</exception>
    internal static CudaGraph Record(CudaStream stream, Action work)
    {
        var graph = Capture(stream, work);
        try
        {
            return new CudaGraph(graph);
        }
        finally
        {
            DriverApi.GraphDestroy(graph).ThrowIfFailed("cuGraphDestroy");
        }
    }

    /// <summary>Records again and changes the graph in place, which is cheaper than a new one; a new one where the work changed its form.</summary>
    /// <returns>True when changed in place.</returns>
    internal static bool RecordAgain(CudaGraph target, CudaStream stream, Action work)
    {
        var graph = Capture(stream, work);
        try
        {
            return target.Update(graph);
        }
        finally
        {
            DriverApi.GraphDestroy(graph).ThrowIfFailed("cuGraphDestroy");
        }
    }

    private static nint Capture(CudaStream stream, Action work)
    {
        // Thread-local: what other threads call meanwhile, such as an allocation for another device, does not end this capture.
        DriverApi.StreamBeginCapture(stream.Handle, StreamCaptureMode.ThreadLocal).ThrowIfFailed("cuStreamBeginCapture");
        try
        {
            work();
        }
        catch
        {
            Abandon(stream);
            throw;
        }

        nint graph = 0;
        DriverApi.StreamEndCapture(stream.Handle, &graph).ThrowIfFailed("cuStreamEndCapture");
        return graph;
    }

    /// <summary>Ends the capture and drops what it holds. What it returns is of no account: the reason is on its way already.</summary>
    private static void Abandon(CudaStream stream)
    {
        nint graph = 0;
        _ = DriverApi.StreamEndCapture(stream.Handle, &graph);
        if (graph != 0)
        {
            _ = DriverApi.GraphDestroy(graph);
        }
    }
}
