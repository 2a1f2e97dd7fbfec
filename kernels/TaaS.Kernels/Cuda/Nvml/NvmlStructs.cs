using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <summary>nvmlUtilization_t: percent of the last sample period.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlUtilization
{
    /// <summary>Time in which a kernel ran.</summary>
    internal uint Gpu;

    /// <summary>Time in which memory was read or written.</summary>
    internal uint Memory;
}

/// <summary>nvmlMemory_t: bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlMemory
{
    internal ulong Total;
    internal ulong Free;
    internal ulong Used;
}

/// <summary>nvmlEventData_t: one event of an event set.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlEventData
{
    internal nint Device;
    internal ulong EventType;

    /// <summary>The Xid, for events of that type.</summary>
    internal ulong Data;
    internal uint GpuInstance;
    internal uint ComputeInstance;
}

/// <summary>nvmlTemperatureSensors_t.</summary>
internal enum NvmlTemperatureSensor
{
    Gpu = 0,
}
