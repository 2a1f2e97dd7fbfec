using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <summary>Devices, contexts and errors of the CUDA driver API, as cuda.h declares them. Streams, graphs and memory are in the other parts.</summary>
internal static unsafe partial class DriverApi
{
    internal const string Name = "cuda";

    static DriverApi() => CudaLibraries.AttachResolver();

    /// <summary>Every function declared here.</summary>
    internal static string[] EntryPoints { get; } =
    [
        "cuInit", "cuDriverGetVersion", "cuGetErrorString", "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetName", "cuDeviceTotalMem_v2",
        "cuDeviceGetAttribute", "cuDeviceGetPCIBusId", "cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRelease_v2", "cuCtxPushCurrent_v2", "cuCtxPopCurrent_v2", "cuCtxGetCurrent",
        "cuStreamCreate", "cuStreamDestroy_v2", "cuStreamSynchronize", "cuStreamWaitEvent", "cuEventCreate", "cuEventDestroy_v2", "cuEventRecord",
        "cuEventSynchronize", "cuEventQuery", "cuEventElapsedTime", "cuStreamBeginCapture_v2", "cuStreamEndCapture", "cuStreamIsCapturing",
        "cuGraphInstantiateWithFlags", "cuGraphLaunch", "cuGraphExecUpdate_v2", "cuGraphExecDestroy", "cuGraphDestroy",
        "cuMemAllocAsync", "cuMemFreeAsync", "cuMemGetInfo_v2", "cuDeviceGetDefaultMemPool", "cuMemPoolSetAttribute", "cuMemPoolGetAttribute", "cuMemPoolTrimTo",
        "cuMemHostAlloc", "cuMemFreeHost", "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuMemcpyDtoDAsync_v2", "cuMemsetD8Async", "cuMemsetD32Async",
        "cuDeviceCanAccessPeer", "cuCtxEnablePeerAccess", "cuMemcpyPeerAsync",
    ];

    [LibraryImport(Name, EntryPoint = "cuInit")]
    internal static partial CudaResult Init(uint flags);

    [LibraryImport(Name, EntryPoint = "cuDriverGetVersion")]
    internal static partial CudaResult DriverGetVersion(int* version);

    [LibraryImport(Name, EntryPoint = "cuGetErrorString")]
    internal static partial CudaResult GetErrorString(CudaResult error, byte** text);

    [LibraryImport(Name, EntryPoint = "cuDeviceGetCount")]
    internal static partial CudaResult DeviceGetCount(int* count);

    [LibraryImport(Name, EntryPoint = "cuDeviceGet")]
    internal static partial CudaResult DeviceGet(int* device, int ordinal);

    [LibraryImport(Name, EntryPoint = "cuDeviceGetName")]
    internal static partial CudaResult DeviceGetName(byte* name, int length, int device);

    [LibraryImport(Name, EntryPoint = "cuDeviceTotalMem_v2")]
    internal static partial CudaResult DeviceTotalMem(nuint* bytes, int device);

    [LibraryImport(Name, EntryPoint = "cuDeviceGetAttribute")]
    internal static partial CudaResult DeviceGetAttribute(int* value, DeviceAttribute attribute, int device);

    [LibraryImport(Name, EntryPoint = "cuDeviceGetPCIBusId")]
    internal static partial CudaResult DeviceGetPciBusId(byte* text, int length, int device);

    [LibraryImport(Name, EntryPoint = "cuDevicePrimaryCtxRetain")]
    internal static partial CudaResult DevicePrimaryCtxRetain(nint* context, int device);

    [LibraryImport(Name, EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    internal static partial CudaResult DevicePrimaryCtxRelease(int device);

    [LibraryImport(Name, EntryPoint = "cuCtxPushCurrent_v2")]
    internal static partial CudaResult CtxPushCurrent(nint context);

    [LibraryImport(Name, EntryPoint = "cuCtxPopCurrent_v2")]
    internal static partial CudaResult CtxPopCurrent(nint* context);

    [LibraryImport(Name, EntryPoint = "cuCtxGetCurrent")]
    internal static partial CudaResult CtxGetCurrent(nint* context);

    [LibraryImport(Name, EntryPoint = "cuDeviceCanAccessPeer")]
    internal static partial CudaResult DeviceCanAccessPeer(int* can, int device, int peer);

    [LibraryImport(Name, EntryPoint = "cuCtxEnablePeerAccess")]
    internal static partial CudaResult CtxEnablePeerAccess(nint peerContext, uint flags);
}
