namespace TaaS.Kernels.Cuda;

/// <summary>What a GPU's sensors say at one moment. A value is null where the GPU does not tell it.</summary>
/// <param name="Index">Position in NVML's order, which is nvidia-smi's.</param>
/// <param name="Name">Product name.</param>
/// <param name="GpuPercent">Share of the last sample period in which a kernel ran, 0 to 100.</param>
/// <param name="MemoryPercent">Share of it in which memory was read or written, 0 to 100.</param>
/// <param name="MemoryUsedBytes">Memory in use, by all processes.</param>
/// <param name="MemoryTotalBytes">Memory there is.</param>
/// <param name="TemperatureCelsius">Temperature of the chip.</param>
/// <param name="PowerWatts">Power drawn by the board.</param>
public sealed record GpuReading(int Index, string Name, int? GpuPercent, int? MemoryPercent, long? MemoryUsedBytes, long? MemoryTotalBytes, int? TemperatureCelsius, double? PowerWatts);
