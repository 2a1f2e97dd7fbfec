namespace TaaS.Kernels.Gpu;

/// <summary>What a device's allocator did so far.</summary>
/// <param name="InUseBytes">Held by live buffers now.</param>
/// <param name="PeakInUseBytes">Most ever held at once.</param>
/// <param name="CachedBytes">Free, kept for later buffers.</param>
/// <param name="Reused">Buffers served from what was kept.</param>
/// <param name="Requested">Blocks asked from the driver.</param>
/// <param name="Reclaimed">Times the driver had no more memory and what was kept was given back to it.</param>
public readonly record struct GpuMemoryStatistics(long InUseBytes, long PeakInUseBytes, long CachedBytes, long Reused, long Requested, long Reclaimed);
