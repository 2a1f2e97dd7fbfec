using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <summary>Turns what a driver function returned into an exception that says what failed, with the driver's own words where it is there.</summary>
internal static class CudaStatus
{
    private const double BytesPerGiB = 1L << 30;

    /// <exception cref="CudaException">The call failed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void ThrowIfFailed(this CudaResult result, string operation)
    {
        if (result != CudaResult.Success)
        {
            throw Failure(result, operation, Explanation(result));
        }
    }

    /// <summary>The same for an allocation: where memory ran out, how much was asked for and how much there was.</summary>
    /// <exception cref="CudaException">The call failed.</exception>
    internal static void ThrowIfFailed(this CudaResult result, string operation, long askedBytes, Func<(long Free, long Total)> memory)
    {
        if (result == CudaResult.OutOfMemory)
        {
            var (free, total) = memory();
            throw Failure(result, operation, $"{Explanation(result)}; asked for {GiB(askedBytes)}, {GiB(free)} of {GiB(total)} are free: use a smaller batch or end what else uses the memory");
        }

        result.ThrowIfFailed(operation);
    }

    /// <summary>The exception, without asking the driver for words.</summary>
    internal static CudaException Failure(CudaResult result, string operation, string detail = "")
    {
        var name = StatusName.Of("CUDA_ERROR", result);
        var advice = LosesTheDevice(result) ? "; this process has lost the GPU, and every later call fails alike: look for an Xid in the kernel's log (dmesg), then start again" : "";
        return new CudaException(operation, (int)result, name, $"{operation}: {name} ({(int)result}){detail}{advice}");
    }

    /// <summary>ILGPU's exception as one of ours.</summary>
    internal static CudaException Failure(ILGPU.Runtime.Cuda.CudaException error, string operation)
    {
        var result = ResultOf(error);
        return Failure(result, operation, Explanation(result));
    }

    /// <summary>The code in an exception of ILGPU's, which keeps a name, or a number where it knows no name.</summary>
    internal static CudaResult ResultOf(ILGPU.Runtime.Cuda.CudaException error) => Array.Find(
        Enum.GetValues<CudaResult>(),
        result => error.Error == StatusName.Of("CUDA_ERROR", result) || error.Error == ((int)result).ToString(CultureInfo.InvariantCulture)) is var found && found != CudaResult.Success
            ? found
            : CudaResult.Unknown;

    // Errors that the driver calls sticky: the context is of no more use. See CUresult in cuda.h.
    private static bool LosesTheDevice(CudaResult result) => result
        is CudaResult.EccUncorrectable or CudaResult.NvlinkUncorrectable or CudaResult.IllegalAddress or CudaResult.LaunchTimeout or CudaResult.Assert
        or (>= CudaResult.HardwareStackError and <= CudaResult.LaunchFailed);

    /// <summary>The driver's own sentence; nothing where there is no driver to ask.</summary>
    private static unsafe string Explanation(CudaResult result)
    {
        byte* text = null;
        return CudaLibraries.Installed.Has(CudaLibrary.Driver) && DriverApi.GetErrorString(result, &text) == CudaResult.Success
            ? $", {Marshal.PtrToStringUTF8((nint)text)}"
            : "";
    }

    private static string GiB(long bytes) => FormattableString.Invariant($"{bytes / BytesPerGiB:0.00} GiB");
}
