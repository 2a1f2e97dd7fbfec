namespace TaaS.Kernels.Cuda;

/// <summary>When operands are rounded to 16 bits before a library sees them. Where they cannot be, tf32 serves: it rounds no coarser.</summary>
internal static class ShortPrecision
{
    private const int CopyAlignment = 16;

    /// <summary>cuBLASLt's type of the copies; null where operands stay in single precision.</summary>
    internal static CudaDataType? MatrixTypeOf(MatrixPrecision precision) => precision switch
    {
        MatrixPrecision.BFloat16 => CudaDataType.BFloat16,
        MatrixPrecision.Float16 => CudaDataType.Float16,
        _ => null,
    };

    /// <summary>cuDNN's type of the copies; null where operands stay in single precision.</summary>
    internal static CudnnDataType? ConvolutionTypeOf(MatrixPrecision precision) => precision switch
    {
        MatrixPrecision.BFloat16 => CudnnDataType.BFloat16,
        MatrixPrecision.Float16 => CudnnDataType.Float16,
        _ => null,
    };

    /// <summary>Whether rounding kernels can read or write there.</summary>
    internal static bool CanCopy(nint first, nint second) => (first | second) % CopyAlignment == 0;
}
