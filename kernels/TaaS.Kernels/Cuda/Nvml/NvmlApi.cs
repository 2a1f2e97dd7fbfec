using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <summary>NVML as nvml.h declares it.</summary>
internal static unsafe partial class NvmlApi
{
    internal const string Name = "nvml";

    /// <summary>nvmlEventTypeXidCriticalError.</summary>
    internal const ulong CriticalXid = 8;

    static NvmlApi() => CudaLibraries.AttachResolver();

    /// <summary>Every function declared here.</summary>
    internal static string[] EntryPoints { get; } =
    [
        "nvmlInit_v2", "nvmlShutdown", "nvmlDeviceGetCount_v2", "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByPciBusId_v2", "nvmlDeviceGetIndex", "nvmlDeviceGetName", "nvmlDeviceGetUtilizationRates",
        "nvmlDeviceGetMemoryInfo", "nvmlDeviceGetTemperature", "nvmlDeviceGetPowerUsage", "nvmlDeviceGetSupportedEventTypes", "nvmlDeviceRegisterEvents",
        "nvmlEventSetCreate", "nvmlEventSetWait_v2", "nvmlEventSetFree",
    ];

    [LibraryImport(Name, EntryPoint = "nvmlInit_v2")]
    internal static partial NvmlReturn Init();

    [LibraryImport(Name, EntryPoint = "nvmlShutdown")]
    internal static partial NvmlReturn Shutdown();

    [LibraryImport(Name, EntryPoint = "nvmlDeviceGetCount_v2")]
    internal static partial NvmlReturn DeviceGetCount(uint* count);

    [LibraryImport(Name, EntryPoint = "nvmlDeviceGetHandleByIndex_v2")]
    internal static partial NvmlReturn DeviceGetHandleByIndex(uint index, nint* device);

    [LibraryImport(Name, EntryPoint = "nvmlDeviceGetHandleByPciBusId_v2", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial NvmlReturn DeviceGetHandleByPciBusId(string busId, nint* device);

    [LibraryImport(Name, EntryPoint = "nvmlDeviceGetIndex")]
    internal static partial NvmlReturn DeviceGetIndex(nint device, uint* index);

    [LibraryImport(Name, EntryPoint = "nvmlDeviceGetName")]
    internal static partial NvmlReturn DeviceGetName(nint device, byte* name, uint length);

    [LibraryImport(Name, EntryPoint = "nvmlDeviceGetUtilizationRates")]
    internal static partial NvmlReturn DeviceGetUtilizationRates(nint device, NvmlUtilization* utilization);

    [LibraryImport(Name, EntryPoint = "nvmlDeviceGetMemoryInfo")]
    internal static partial NvmlReturn DeviceGetMemoryInfo(nint device, NvmlMemory* memory);

    [LibraryImport(Name, EntryPoint = "nvmlDeviceGetTemperature")]
    internal static partial NvmlReturn DeviceGetTemperature(nint device, NvmlTemperatureSensor sensor, uint* celsius);

    [LibraryImport(Name, EntryPoint = "nvmlDeviceGetPowerUsage")]
    internal static partial NvmlReturn DeviceGetPowerUsage(nint device, uint* milliwatts);

    [LibraryImport(Name, EntryPoint = "nvmlDeviceGetSupportedEventTypes")]
    internal static partial NvmlReturn DeviceGetSupportedEventTypes(nint device, ulong* types);

    [LibraryImport(Name, EntryPoint = "nvmlDeviceRegisterEvents")]
    internal static partial NvmlReturn DeviceRegisterEvents(nint device, ulong types, nint set);

    [LibraryImport(Name, EntryPoint = "nvmlEventSetCreate")]
    internal static partial NvmlReturn EventSetCreate(nint* set);

    [LibraryImport(Name, EntryPoint = "nvmlEventSetWait_v2")]
    internal static partial NvmlReturn EventSetWait(nint set, NvmlEventData* data, uint timeoutMs);

    [LibraryImport(Name, EntryPoint = "nvmlEventSetFree")]
    internal static partial NvmlReturn EventSetFree(nint set);
}
