using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <content>Streams, events, capture and graphs.</content>
internal static unsafe partial class DriverApi
{
    [LibraryImport(Name, EntryPoint = "cuStreamCreate")]
    internal static partial CudaResult StreamCreate(nint* stream, StreamFlags flags);

    [LibraryImport(Name, EntryPoint = "cuStreamDestroy_v2")]
    internal static partial CudaResult StreamDestroy(nint stream);

    [LibraryImport(Name, EntryPoint = "cuStreamSynchronize")]
    internal static partial CudaResult StreamSynchronize(nint stream);

    [LibraryImport(Name, EntryPoint = "cuStreamWaitEvent")]
    internal static partial CudaResult StreamWaitEvent(nint stream, nint waited, uint flags);

    [LibraryImport(Name, EntryPoint = "cuEventCreate")]
    internal static partial CudaResult EventCreate(nint* created, EventFlags flags);

    [LibraryImport(Name, EntryPoint = "cuEventDestroy_v2")]
    internal static partial CudaResult EventDestroy(nint destroyed);

    [LibraryImport(Name, EntryPoint = "cuEventRecord")]
    internal static partial CudaResult EventRecord(nint recorded, nint stream);

    [LibraryImport(Name, EntryPoint = "cuEventSynchronize")]
    internal static partial CudaResult EventSynchronize(nint waited);

    [LibraryImport(Name, EntryPoint = "cuEventQuery")]
    internal static partial CudaResult EventQuery(nint asked);

    [LibraryImport(Name, EntryPoint = "cuEventElapsedTime")]
    internal static partial CudaResult EventElapsedTime(float* milliseconds, nint start, nint end);

    [LibraryImport(Name, EntryPoint = "cuStreamBeginCapture_v2")]
    internal static partial CudaResult StreamBeginCapture(nint stream, StreamCaptureMode mode);

    [LibraryImport(Name, EntryPoint = "cuStreamEndCapture")]
    internal static partial CudaResult StreamEndCapture(nint stream, nint* graph);

    [LibraryImport(Name, EntryPoint = "cuStreamIsCapturing")]
    internal static partial CudaResult StreamIsCapturing(nint stream, StreamCaptureStatus* status);

    [LibraryImport(Name, EntryPoint = "cuGraphInstantiateWithFlags")]
    internal static partial CudaResult GraphInstantiate(nint* executable, nint graph, ulong flags);

    [LibraryImport(Name, EntryPoint = "cuGraphLaunch")]
    internal static partial CudaResult GraphLaunch(nint executable, nint stream);

    [LibraryImport(Name, EntryPoint = "cuGraphExecUpdate_v2")]
    internal static partial CudaResult GraphExecUpdate(nint executable, nint graph, GraphUpdateInfo* info);

    [LibraryImport(Name, EntryPoint = "cuGraphExecDestroy")]
    internal static partial CudaResult GraphExecDestroy(nint executable);

    [LibraryImport(Name, EntryPoint = "cuGraphDestroy")]
    internal static partial CudaResult GraphDestroy(nint graph);
}
