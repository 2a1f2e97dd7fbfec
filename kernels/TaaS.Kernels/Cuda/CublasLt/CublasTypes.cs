namespace TaaS.Kernels.Cuda;

/// <summary>cudaDataType_t: the element types the engine computes with.</summary>
internal enum CudaDataType
{
    Float32 = 0,
    Float16 = 2,
    BFloat16 = 14,
}

/// <summary>cublasComputeType_t: how products are multiplied and added up.</summary>
internal enum CublasComputeType
{
    /// <summary>Operands as they are, sums in single precision.</summary>
    Float32 = 68,

    /// <summary>Operands of single precision rounded to tf32 (10 bits of fraction), sums in single precision: tensor cores.</summary>
    FastTf32 = 77,
}

/// <summary>cublasOperation_t.</summary>
internal enum CublasOperation
{
    None = 0,
    Transpose = 1,
}

/// <summary>cublasLtEpilogue_t: what is done to a product before it is stored.</summary>
internal enum CublasLtEpilogue
{
    None = 1,
    Relu = 2,
    Bias = 4,
    ReluBias = 6,
}
