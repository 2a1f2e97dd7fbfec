namespace TaaS.Kernels.Cuda;

/// <summary>What the CUDA libraries of this machine add to a device: their matrix and convolution kernels, on the device's context and stream.</summary>
internal sealed class CudaKernels : IDisposable
{
    private readonly CudaStream _stream;
    private readonly ViewAddress _addressOf;
    private readonly bool _allowTf32;
    private readonly CudaWorkspace? _workspace;
    private readonly CublasLtMatrix? _matrix;
    private readonly CudnnHandle? _cudnn;
    private readonly CudnnConvolution? _convolution;

    /// <summary>For the context that is current now.</summary>
    /// <param name="stream">The device's stream.</param>
    /// <param name="addressOf">Where the device's views lie.</param>
    /// <param name="allowTf32">Operands may be rounded to tf32 (10 bits of mantissa) for speed; results stay within 1e-3.</param>
    internal CudaKernels(CudaStream stream, ViewAddress addressOf, bool allowTf32)
    {
        _stream = stream;
        _addressOf = addressOf;
        _allowTf32 = allowTf32;
        bool matrix = CudaLibraries.Installed.Has(CudaLibrary.CublasLt), convolution = CudaLibraries.Installed.Has(CudaLibrary.Cudnn);
        if (matrix || convolution)
        {
            _workspace = new CudaWorkspace(stream);
        }

        if (matrix)
        {
            _matrix = new CublasLtMatrix(_workspace!);
        }

        if (convolution)
        {
            _cudnn = new CudnnHandle(stream);
            _convolution = new CudnnConvolution(_cudnn, _workspace!);
        }
    }

    /// <summary>The library's matrix kernels, with <paramref name="own"/> for what it cannot do; <paramref name="own"/> alone where it is absent.</summary>
    internal IMatrixKernels Matrix(IMatrixKernels own) => _matrix is null ? own : new CudaMatrix(_matrix, _stream, _addressOf, own, _allowTf32);

    /// <summary>The same for convolution.</summary>
    internal IConvolutionKernels Convolution(IConvolutionKernels own) => _convolution is null ? own : new CudaConvolution(_convolution, _addressOf, own, _allowTf32);

    public void Dispose()
    {
        _convolution?.Dispose();
        _cudnn?.Dispose();
        _matrix?.Dispose();
        _workspace?.Dispose();
    }
}
