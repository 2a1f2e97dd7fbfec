namespace TaaS.Kernels.Cuda;

/// <summary>CUstream_flags.</summary>
internal enum StreamFlags : uint
{
    Default = 0,

    /// <summary>Does not wait for the legacy default stream.</summary>
    NonBlocking = 1,
}

/// <summary>CUevent_flags.</summary>
[Flags]
internal enum EventFlags : uint
{
    Default = 0,

    /// <summary>A waiting thread sleeps instead of spinning.</summary>
    BlockingSync = 1,

    /// <summary>Cheaper to record; cannot measure time.</summary>
    DisableTiming = 2,
}

/// <summary>CUstreamCaptureMode: whose unsafe calls end a capture.</summary>
internal enum StreamCaptureMode
{
    Global = 0,
    ThreadLocal = 1,
    Relaxed = 2,
}

/// <summary>CUstreamCaptureStatus.</summary>
internal enum StreamCaptureStatus
{
    None = 0,
    Active = 1,
    Invalidated = 2,
}

/// <summary>CUmemPool_attribute: those of 64-bit values that the engine uses.</summary>
internal enum MemoryPoolAttribute
{
    ReleaseThreshold = 4,
    ReservedBytes = 5,
    UsedBytes = 7,
}

/// <summary>CU_MEMHOSTALLOC_*.</summary>
internal enum HostAllocationFlags : uint
{
    /// <summary>Pinned for every context, not only for the current one.</summary>
    Portable = 1,
}

/// <summary>CUgraphExecUpdateResult.</summary>
internal enum GraphUpdateResult
{
    Success = 0,
    Error = 1,
    TopologyChanged = 2,
    NodeTypeChanged = 3,
    FunctionChanged = 4,
    ParametersChanged = 5,
    NotSupported = 6,
    UnsupportedFunctionChange = 7,
    AttributesChanged = 8,
}
