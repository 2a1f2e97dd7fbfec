namespace TaaS.Kernels.Cuda;

/// <summary>Turns a failed NVML call into an exception, or into "this GPU does not tell".</summary>
internal static class NvmlStatus
{
    /// <exception cref="CudaException">The call failed.</exception>
    internal static void ThrowIfFailed(this NvmlReturn result, string operation)
    {
        if (result != NvmlReturn.Success)
        {
            var name = StatusName.Of("NVML_ERROR", result);
            throw new CudaException(operation, (int)result, name, $"{operation}: {name} ({(int)result})");
        }
    }

    /// <summary>False where the GPU has no such sensor, or does not let this user read it.</summary>
    /// <exception cref="CudaException">The call failed for any other reason.</exception>
    internal static bool IsTold(this NvmlReturn result, string operation)
    {
        if (result is NvmlReturn.NotSupported or NvmlReturn.NoPermission)
        {
            return false;
        }

        result.ThrowIfFailed(operation);
        return true;
    }
}
