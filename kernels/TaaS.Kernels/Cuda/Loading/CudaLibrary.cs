namespace TaaS.Kernels.Cuda;

/// <summary>A native library of NVIDIA's that the engine can use.</summary>
public enum CudaLibrary
{
    /// <summary>The driver API: without it there is no CUDA device.</summary>
    Driver,

    /// <summary>Matrix products.</summary>
    CublasLt,

    /// <summary>Convolution, pooling, normalisation.</summary>
    Cudnn,

    /// <summary>Readings of a GPU: load, memory, temperature, power, faults.</summary>
    Nvml,
}
