using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <summary>Version of a library, as it tells it itself.</summary>
internal readonly record struct LibraryVersion(int Major, string Text)
{
    private const int NvmlTextBytes = 80;

    /// <summary>cuDriverGetVersion: the newest CUDA the driver supports, 1000 · major + 10 · minor.</summary>
    internal static unsafe LibraryVersion OfDriver(nint function)
    {
        var number = 0;
        var result = ((delegate* unmanaged<int*, CudaResult>)function)(&number);
        if (result != CudaResult.Success)
        {
            // The driver is still being looked for: it cannot explain itself yet.
            throw CudaStatus.Failure(result, "cuDriverGetVersion");
        }

        return new LibraryVersion(number / 1000, $"{number / 1000}.{number % 1000 / 10}");
    }

    /// <summary>cublasLtGetVersion: 10000 · major + 100 · minor + patch.</summary>
    internal static unsafe LibraryVersion OfCublasLt(nint function) => OfNumber((int)((delegate* unmanaged<nuint>)function)(), 10000);

    /// <summary>cudnnGetVersion: 10000 · major + 100 · minor + patch from version 9 on, 1000 · major + … before.</summary>
    internal static unsafe LibraryVersion OfCudnn(nint function)
    {
        var number = (int)((delegate* unmanaged<nuint>)function)();
        return OfNumber(number, number < 10000 ? 1000 : 10000);
    }

    /// <summary>nvmlSystemGetNVMLVersion: text such as 12.560.35.03; needs no initialisation.</summary>
    internal static unsafe LibraryVersion OfNvml(nint function)
    {
        var text = stackalloc byte[NvmlTextBytes];
        ((delegate* unmanaged<byte*, uint, NvmlReturn>)function)(text, NvmlTextBytes).ThrowIfFailed("nvmlSystemGetNVMLVersion");
        var version = Marshal.PtrToStringUTF8((nint)text) ?? "";
        return new LibraryVersion(int.TryParse(version.Split('.')[0], out var major) ? major : 0, version);
    }

    private static LibraryVersion OfNumber(int number, int unit) =>
        new(number / unit, $"{number / unit}.{number % unit / 100}.{number % 100}");
}
