namespace TaaS.Kernels.Cuda;

/// <summary>What the CUDA libraries of this machine add to a device: their matrix and convolution kernels, on the device's own context and stream.</summary>
internal sealed class CudaKernels : IDisposable
{
    private readonly ICudaHost _host;
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
            _workspace = new CudaWorkspace(host.Stream);
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

    /// <summary>The library's matrix kernels, with <paramref name="own"/> for what it cannot do; <paramref name="own"/> alone where it is absent.</summary>
    internal IMatrixKernels Matrix(IMatrixKernels own) => _matrix is null ? own : new CudaMatrix(_matrix, _host, own);

    /// <summary>The same for convolution.</summary>
    internal IConvolutionKernels Convolution(IConvolutionKernels own) => _convolution is null ? own : new CudaConvolution(_convolution, _host, own);

    public void Dispose()
    {
        _host.Bind();
        _convolution?.Dispose();
        _cudnn?.Dispose();
        _matrix?.Dispose();
        _workspace?.Dispose();
    }
}
