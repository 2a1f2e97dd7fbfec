using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Cuda;

/// <summary>What the CUDA libraries of this machine add to a device: their matrix and convolution kernels, and launches frozen into one, on the device's own context and stream.</summary>
internal sealed class CudaKernels : IDisposable
{
    private readonly ICudaHost _host;
    private readonly List<CudaGraph> _frozen = [];
    private readonly CudaWorkspace? _workspace;
    private readonly CublasLtMatrix? _matrix;
    private readonly CudnnHandle? _cudnn;
    private readonly CudnnConvolution? _convolution;

    /// <exception cref="CudaException">A library does not start on the device.</exception>
    internal CudaKernels(ICudaHost host)
    {
        _host = host;
        bool matrix = CudaLibraries.Installed.Has(CudaLibrary.CublasLt), convolution = CudaLibraries.Installed.Has(CudaLibrary.Cudnn);
        host.Bind();
        if (matrix || convolution)
        {
            _workspace = new CudaWorkspace(host.Stream, convolution ? CudaWorkspace.CudnnBytes : CudaWorkspace.CublasLtBytes);
        }

        if (matrix)
        {
            _matrix = new CublasLtMatrix(_workspace!);
        }

        if (convolution)
        {
            _cudnn = new CudnnHandle(host.Stream);
            _convolution = new CudnnConvolution(_cudnn, _workspace!);
        }
    }

    /// <summary>Those for a device of ILGPU's; null for one without CUDA, such as the emulator.</summary>
    internal static CudaKernels? On(GpuDevice device) => GpuHost.Of(device) is { } host ? new CudaKernels(host) : null;

    /// <summary>The library's matrix kernels, with <paramref name="own"/> for what it cannot do; <paramref name="own"/> alone where it is absent.</summary>
    internal IMatrixKernels Matrix(IMatrixKernels own) => _matrix is null ? own : new CudaMatrix(_matrix, _host, own);

    /// <summary>The same for convolution.</summary>
    internal IConvolutionKernels Convolution(IConvolutionKernels own) => _convolution is null ? own : new CudaConvolution(_convolution, _host, own);

    /// <summary>As <see cref="Device.Freeze"/>: a graph that replays the launches; null where one of them, or the device's stream, cannot be recorded.</summary>
    internal Action? Freeze(ReadOnlyMemory<Action> launches)
    {
        _host.Bind();
        CudaGraph graph;
        try
        {
            graph = CudaStreamCapture.Record(_host.Stream, () =>
            {
                foreach (var launch in launches.Span)
                {
                    launch();
                }
            });
        }
        catch (Exception error) when (IsCaptureRefusal(error))
        {
            return null;
        }

        _frozen.Add(graph);
        return () =>
        {
            _host.Bind();
            graph.Launch(_host.Stream);
        };
    }

    public void Dispose()
    {
        _host.Bind();
        _frozen.ForEach(graph => graph.Dispose());
        _convolution?.Dispose();
        _cudnn?.Dispose();
        _matrix?.Dispose();
        _workspace?.Dispose();
    }

    /// <summary>A call that may not be recorded, of this layer's or of ILGPU's.</summary>
    private static bool IsCaptureRefusal(Exception error)
    {
        var code = error switch
        {
            CudaException own => (CudaResult)own.Code,
            ILGPU.Runtime.Cuda.CudaException foreign => CudaStatus.ResultOf(foreign),
            _ => CudaResult.Success,
        };
        return code is >= CudaResult.StreamCaptureUnsupported and <= CudaResult.StreamCaptureWrongThread;
    }
}
