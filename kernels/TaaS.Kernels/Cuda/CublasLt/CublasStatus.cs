namespace TaaS.Kernels.Cuda;

/// <summary>cublasStatus_t. Names and values of cublas_api.h.</summary>
internal enum CublasStatus
{
    Success = 0,
    NotInitialized = 1,
    AllocFailed = 3,
    InvalidValue = 7,
    ArchMismatch = 8,
    MappingError = 11,
    ExecutionFailed = 13,
    InternalError = 14,
    NotSupported = 15,
    LicenseError = 16,
}

/// <summary>Turns a failed call into an exception.</summary>
internal static class CublasStatusCheck
{
    /// <exception cref="CudaException">The call failed.</exception>
    internal static void ThrowIfFailed(this CublasStatus status, string operation)
    {
        if (status != CublasStatus.Success)
        {
            var name = StatusName.Of("CUBLAS_STATUS", status);
            throw new CudaException(operation, (int)status, name, $"{operation}: {name} ({(int)status})");
        }
    }
}
