namespace TaaS.Kernels.Cuda;

/// <summary>Turns a failed call into an exception, or into "not supported".</summary>
internal static class CudnnStatusCheck
{
    private const int NotSupportedKind = 3;

    /// <exception cref="CudaException">The call failed.</exception>
    internal static void ThrowIfFailed(this CudnnStatus status, string operation)
    {
        if (status != CudnnStatus.Success)
        {
            var name = StatusName.Of("CUDNN_STATUS", status);
            throw new CudaException(operation, (int)status, name, $"{operation}: {name} ({(int)status})");
        }
    }

    /// <summary>False where the library cannot do the case, so that another implementation must.</summary>
    /// <exception cref="CudaException">The call failed for any other reason.</exception>
    internal static bool IsSupported(this CudnnStatus status, string operation)
    {
        if ((int)status / 1000 == NotSupportedKind)
        {
            return false;
        }

        status.ThrowIfFailed(operation);
        return true;
    }
}
