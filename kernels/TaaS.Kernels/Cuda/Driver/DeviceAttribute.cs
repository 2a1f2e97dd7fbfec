namespace TaaS.Kernels.Cuda;

/// <summary>CUdevice_attribute: the few that the engine asks for.</summary>
internal enum DeviceAttribute
{
    MaxThreadsPerBlock = 1,
    MaxSharedMemoryPerBlock = 8,
    WarpSize = 10,
    ClockRateKhz = 13,
    MultiprocessorCount = 16,
    MemoryClockRateKhz = 36,
    MemoryBusWidthBits = 37,
    L2CacheBytes = 38,
    ComputeCapabilityMajor = 75,
    ComputeCapabilityMinor = 76,
    MaxSharedMemoryPerBlockOptIn = 97,
    MemoryPoolsSupported = 115,
}
