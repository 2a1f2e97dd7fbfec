// A CUDA driver whose device is host memory: one GPU of 1 GiB, and a second that cannot reach the first.
// Built with -DVENDOR_HEADERS the signatures are those of cuda.h, and the compiler checks these against them.
#include <stdlib.h>
#include <string.h>

#ifdef VENDOR_HEADERS
#include <cuda.h>
#undef cuStreamBeginCapture
#define NAME(plain, versioned) plain
#else
#include <stddef.h>
typedef int CUresult;
typedef int CUdevice;
typedef int CUdevice_attribute, CUmemPool_attribute, CUstreamCaptureMode, CUstreamCaptureStatus;
typedef unsigned long long CUdeviceptr;
typedef struct { int context; } *CUcontext;
typedef struct stream *CUstream;
typedef struct event *CUevent;
typedef struct graph *CUgraph;
typedef struct executable *CUgraphExec;
typedef struct { int pool; } *CUmemoryPool;
typedef struct { int result; void *errorNode, *errorFromNode; } CUgraphExecUpdateResultInfo;
#define NAME(plain, versioned) versioned
#endif

#ifndef DRIVER_VERSION
#define DRIVER_VERSION 12060
#endif

enum { OUT_OF_MEMORY = 2, INVALID_VALUE = 1, INVALID_DEVICE = 101, INVALID_CONTEXT = 201, INVALID_HANDLE = 400, NOT_READY = 600, PEER_ALREADY = 704, CAPTURE_UNSUPPORTED = 900, UPDATE_FAILURE = 910 };
static const size_t TOTAL = (size_t)1 << 30;

// What a stream was told to do: copy when source is there, fill otherwise.
typedef struct { void *target; const void *source; size_t bytes; unsigned pattern; int width; } work;
typedef struct { int count; work items[64]; } recording;
typedef struct { int capturing; recording taped; } fake_stream;
typedef struct { double time; int recorded; } fake_event;
typedef struct { size_t bytes; } block;

static int contexts[2], retained[2], peers_enabled, depth, initialized;
static CUcontext stack[16];
static size_t used;
static unsigned long long threshold;
static double now;

static void run(const work *w)
{
    if (w->source)
        memmove(w->target, w->source, w->bytes);
    else
        for (size_t i = 0; i < w->bytes; i += w->width)
            memcpy((char *)w->target + i, &w->pattern, w->width);
    now += 2.5;
}

static CUresult queue(CUstream stream, work w)
{
    fake_stream *s = (fake_stream *)stream;
    if (depth == 0) return INVALID_CONTEXT;
    if (s && s->capturing) s->taped.items[s->taped.count++] = w; else run(&w);
    return 0;
}

CUresult cuInit(unsigned flags) { initialized = flags == 0; return flags ? INVALID_VALUE : 0; }
CUresult cuDriverGetVersion(int *version) { *version = DRIVER_VERSION; return 0; }
CUresult cuGetErrorString(CUresult error, const char **text)
{
    *text = error == OUT_OF_MEMORY ? "out of memory" : error == INVALID_DEVICE ? "invalid device ordinal" : NULL;
    return *text ? 0 : INVALID_VALUE;
}
CUresult cuDeviceGetCount(int *count) { *count = 2; return initialized ? 0 : 3; }
CUresult cuDeviceGet(CUdevice *device, int ordinal) { *device = ordinal; return ordinal >= 0 && ordinal < 2 ? 0 : INVALID_DEVICE; }
CUresult cuDeviceGetName(char *name, int length, CUdevice device) { strncpy(name, device ? "Fake Two" : "Fake One", length); return 0; }
CUresult NAME(cuDeviceTotalMem, cuDeviceTotalMem_v2)(size_t *bytes, CUdevice device) { *bytes = TOTAL; return device < 2 ? 0 : INVALID_DEVICE; }
CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device)
{
    *value = attribute == 75 ? 9 : attribute == 76 ? device : attribute == 16 ? 132 : attribute == 115 ? 1 : -1;
    return *value < 0 ? INVALID_VALUE : 0;
}
CUresult cuDeviceGetPCIBusId(char *text, int length, CUdevice device) { strncpy(text, device ? "0000:02:00.0" : "0000:01:00.0", length); return 0; }

CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) { retained[device]++; *context = (CUcontext)&contexts[device]; return 0; }
CUresult NAME(cuDevicePrimaryCtxRelease, cuDevicePrimaryCtxRelease_v2)(CUdevice device) { return retained[device]-- > 0 ? 0 : INVALID_CONTEXT; }
CUresult NAME(cuCtxPushCurrent, cuCtxPushCurrent_v2)(CUcontext context) { stack[depth++] = context; return 0; }
CUresult NAME(cuCtxPopCurrent, cuCtxPopCurrent_v2)(CUcontext *context) { if (!depth) return INVALID_CONTEXT; *context = stack[--depth]; return 0; }
CUresult cuCtxGetCurrent(CUcontext *context) { *context = depth ? stack[depth - 1] : NULL; return 0; }
CUresult cuDeviceCanAccessPeer(int *can, CUdevice device, CUdevice peer) { *can = device == 0 && peer == 1; return 0; }
CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned flags) { (void)peer; return flags ? INVALID_VALUE : peers_enabled++ ? PEER_ALREADY : 0; }

CUresult cuStreamCreate(CUstream *stream, unsigned flags) { *stream = calloc(1, sizeof(fake_stream)); return flags == 1 ? 0 : INVALID_VALUE; }
CUresult NAME(cuStreamDestroy, cuStreamDestroy_v2)(CUstream stream) { free(stream); return 0; }
CUresult cuStreamSynchronize(CUstream stream) { fake_stream *s = (fake_stream *)stream; if (s && s->capturing) { s->capturing = 2; return CAPTURE_UNSUPPORTED; } return 0; }
CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned flags) { (void)stream; return event && !flags ? 0 : INVALID_VALUE; }
CUresult cuEventCreate(CUevent *event, unsigned flags) { (void)flags; *event = calloc(1, sizeof(fake_event)); return 0; }
CUresult NAME(cuEventDestroy, cuEventDestroy_v2)(CUevent event) { free(event); return 0; }
CUresult cuEventRecord(CUevent event, CUstream stream) { (void)stream; fake_event *e = (fake_event *)event; e->time = now; e->recorded = 1; return 0; }
CUresult cuEventSynchronize(CUevent event) { return event ? 0 : INVALID_VALUE; }
CUresult cuEventQuery(CUevent event) { return ((fake_event *)event)->recorded ? 0 : NOT_READY; }
CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end)
{
    fake_event *s = (fake_event *)start, *e = (fake_event *)end;
    *milliseconds = (float)(e->time - s->time);
    return s->recorded && e->recorded ? 0 : INVALID_HANDLE;
}

CUresult cuStreamBeginCapture_v2(CUstream stream, CUstreamCaptureMode mode)
{
    fake_stream *s = (fake_stream *)stream;
    if (!s || s->capturing || mode != 1) return CAPTURE_UNSUPPORTED;
    s->capturing = 1;
    s->taped.count = 0;
    return 0;
}
CUresult cuStreamEndCapture(CUstream stream, CUgraph *graph)
{
    fake_stream *s = (fake_stream *)stream;
    int state = s->capturing;
    s->capturing = 0;
    *graph = NULL;
    if (state != 1) return state ? 901 : 903;
    recording *copy = malloc(sizeof *copy);
    *copy = s->taped;
    *graph = (CUgraph)copy;
    return 0;
}
CUresult cuStreamIsCapturing(CUstream stream, CUstreamCaptureStatus *status) { *status = ((fake_stream *)stream)->capturing; return 0; }
CUresult cuGraphInstantiateWithFlags(CUgraphExec *executable, CUgraph graph, unsigned long long flags)
{
    recording *copy = malloc(sizeof *copy);
    *copy = *(recording *)graph;
    *executable = (CUgraphExec)copy;
    return flags ? INVALID_VALUE : 0;
}
CUresult cuGraphLaunch(CUgraphExec executable, CUstream stream)
{
    recording *r = (recording *)executable;
    for (int i = 0; i < r->count; i++) queue(stream, r->items[i]);
    return 0;
}
#ifndef WITHOUT_GRAPH_UPDATE
CUresult NAME(cuGraphExecUpdate, cuGraphExecUpdate_v2)(CUgraphExec executable, CUgraph graph, CUgraphExecUpdateResultInfo *info)
{
    recording *old = (recording *)executable, *fresh = (recording *)graph;
    info->result = old->count == fresh->count ? 0 : 2;
    info->errorNode = info->errorFromNode = NULL;
    if (info->result) return UPDATE_FAILURE;
    *old = *fresh;
    return 0;
}
#endif
CUresult cuGraphExecDestroy(CUgraphExec executable) { free(executable); return 0; }
CUresult cuGraphDestroy(CUgraph graph) { free(graph); return 0; }

CUresult cuMemAllocAsync(CUdeviceptr *address, size_t bytes, CUstream stream)
{
    (void)stream;
    if (depth == 0) return INVALID_CONTEXT;
    if (used + bytes > TOTAL) return OUT_OF_MEMORY;
    block *b = aligned_alloc(256, (bytes + 256 + 255) / 256 * 256);
    b->bytes = bytes;
    used += bytes;
    *address = (CUdeviceptr)b + 256;
    return 0;
}
CUresult cuMemFreeAsync(CUdeviceptr address, CUstream stream)
{
    (void)stream;
    block *b = (block *)(address - 256);
    used -= b->bytes;
    free(b);
    return 0;
}
CUresult NAME(cuMemGetInfo, cuMemGetInfo_v2)(size_t *available, size_t *total) { *available = TOTAL - used; *total = TOTAL; return depth ? 0 : INVALID_CONTEXT; }
CUresult cuDeviceGetDefaultMemPool(CUmemoryPool *pool, CUdevice device) { *pool = (CUmemoryPool)&contexts[device]; return 0; }
CUresult cuMemPoolSetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, void *value)
{
    if (!pool || attribute != 4) return INVALID_VALUE;
    threshold = *(unsigned long long *)value;
    return 0;
}
CUresult cuMemPoolGetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, void *value)
{
    *(unsigned long long *)value = attribute == 4 ? threshold : attribute == 5 ? TOTAL / 2 : used;
    return pool && (attribute == 4 || attribute == 5 || attribute == 7) ? 0 : INVALID_VALUE;
}
CUresult cuMemPoolTrimTo(CUmemoryPool pool, size_t keep) { threshold = keep; return pool ? 0 : INVALID_VALUE; }
CUresult cuMemHostAlloc(void **memory, size_t bytes, unsigned flags) { *memory = malloc(bytes); return flags == 1 ? 0 : INVALID_VALUE; }
CUresult cuMemFreeHost(void *memory) { free(memory); return 0; }

CUresult NAME(cuMemcpyHtoDAsync, cuMemcpyHtoDAsync_v2)(CUdeviceptr target, const void *source, size_t bytes, CUstream stream) { return queue(stream, (work){(void *)target, source, bytes, 0, 1}); }
CUresult NAME(cuMemcpyDtoHAsync, cuMemcpyDtoHAsync_v2)(void *target, CUdeviceptr source, size_t bytes, CUstream stream) { return queue(stream, (work){target, (void *)source, bytes, 0, 1}); }
CUresult NAME(cuMemcpyDtoDAsync, cuMemcpyDtoDAsync_v2)(CUdeviceptr target, CUdeviceptr source, size_t bytes, CUstream stream) { return queue(stream, (work){(void *)target, (void *)source, bytes, 0, 1}); }
CUresult cuMemcpyPeerAsync(CUdeviceptr target, CUcontext targetContext, CUdeviceptr source, CUcontext sourceContext, size_t bytes, CUstream stream)
{
    if ((void *)targetContext != &contexts[1] || (void *)sourceContext != &contexts[0]) return INVALID_CONTEXT;
    return queue(stream, (work){(void *)target, (void *)source, bytes, 0, 1});
}
CUresult cuMemsetD8Async(CUdeviceptr target, unsigned char value, size_t count, CUstream stream) { return queue(stream, (work){(void *)target, NULL, count, value, 1}); }
CUresult cuMemsetD32Async(CUdeviceptr target, unsigned value, size_t count, CUstream stream) { return queue(stream, (work){(void *)target, NULL, 4 * count, value, 4}); }
