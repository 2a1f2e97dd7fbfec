// The CUDA driver of two GPUs that are made of software: what cuda.h declares, as far as the engine and ILGPU call it.
// It is as unhelpful as a driver may be: work waits in its stream until somebody waits for it, so that whoever reuses a buffer
// too early, or forgets to wait, gets wrong values here every time and not once a month. Streams see nothing of each other but
// through events. A failed launch shows at the next wait, and then in every call, as on a device.
// The device's clock is exact: each piece of work takes 2.5 ms.
// Built with -DVENDOR_HEADERS the signatures are those of cuda.h, and the compiler checks these against them.
#include "memory.h"
#include "ptx.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef VENDOR_HEADERS
#include <cuda.h>
#undef cuStreamBeginCapture
#define NAME(plain, versioned) plain
#else
typedef int CUresult;
typedef int CUdevice;
typedef int CUdevice_attribute, CUmemPool_attribute, CUstreamCaptureMode, CUstreamCaptureStatus, CUjit_option, CUfunc_cache, CUsharedconfig;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUstream_st *CUstream;
typedef struct CUevent_st *CUevent;
typedef struct CUgraph_st *CUgraph;
typedef struct CUgraphExec_st *CUgraphExec;
typedef struct CUmemPoolHandle_st *CUmemoryPool;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef void (*CUhostFn)(void *);
typedef struct { int result; void *errorNode, *errorFromNode; } CUgraphExecUpdateResultInfo;
#define NAME(plain, versioned) versioned
#endif

#ifndef DRIVER_VERSION
#define DRIVER_VERSION 12060
#endif

enum {
    SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, INVALID_DEVICE = 101, INVALID_CONTEXT = 201, INVALID_PTX = 218,
    INVALID_HANDLE = 400, NOT_FOUND = 500, NOT_READY = 600, PEER_ALREADY = 704, LAUNCH_FAILED = 719,
    CAPTURE_UNSUPPORTED = 900, CAPTURE_INVALIDATED = 901, CAPTURE_UNMATCHED = 903, UPDATE_FAILURE = 910,
};
enum { DEVICES = 2, MOST_CONTEXTS = 256, MOST_PINNED = 4096, PARAMETERS = 4096 };
enum { NOT_CAPTURING, CAPTURING, INVALIDATED };

typedef struct CUctx_st { int device, alive, failed; } context;
typedef enum { COPY, FILL, LAUNCH, RELEASE, MARK, WAIT, CALL } kind;
typedef struct {
    kind kind;
    uintptr_t target, source;
    size_t bytes;
    unsigned pattern;
    int width;
    const kernel *kernel;
    extent grid, block;
    uint8_t *parameters;
    void *held;                // parameters and snapshots, freed when the work is done
    struct CUevent_st *event;
    unsigned generation;       // of the event
    CUhostFn call;
    void *argument;
} work;
typedef struct { work *items; int count, room; } list;
typedef struct CUevent_st { context *home; double time; unsigned asked, done; struct CUstream_st *stream; } event;
typedef struct CUstream_st { context *home; list waiting, taped; int capturing, draining; pthread_t by; struct CUstream_st *other; } stream;
typedef struct CUgraph_st { list taped; } graph;

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int initialized, retained[DEVICES], peers_enabled;
static context contexts[MOST_CONTEXTS];    // the first are the devices' primary ones
static stream legacy[MOST_CONTEXTS], *streams;
static _Thread_local context *stack[64];
static _Thread_local int depth;
static struct { uintptr_t start; size_t bytes; } pinned[MOST_PINNED];
static int pinned_count;
static unsigned long long threshold;
static double now;
static failure last_failure;
static int launches, failing_launch;       // SOFTWARE_GPU_FAIL_LAUNCH=N makes the Nth launch of the process fail

// Every entry takes the gate, since a driver may be called by many threads.
static void unlock(int *held) { (void)held; pthread_mutex_unlock(&gate); }
#define ENTER __attribute__((cleanup(unlock), unused)) int held = pthread_mutex_lock(&gate);
#define IN_CONTEXT ENTER context *current = depth ? stack[depth - 1] : NULL; if (current == NULL || !current->alive) return INVALID_CONTEXT; if (current->failed) return current->failed;

static context *current_context(void) { return depth ? stack[depth - 1] : NULL; }

static void append(list *to, work w)
{
    if (to->count == to->room) to->items = realloc(to->items, (to->room = 2 * to->room + 16) * sizeof *to->items);
    to->items[to->count++] = w;
}

static bool is_device(uintptr_t address) { return memory_find(address) != NULL; }
static bool is_pinned(uintptr_t address)
{
    for (int i = 0; i < pinned_count; i++)
        if (address - pinned[i].start < pinned[i].bytes) return true;
    return false;
}
static void pin(void *start, size_t bytes) { if (pinned_count < MOST_PINNED) { pinned[pinned_count].start = (uintptr_t)start; pinned[pinned_count++].bytes = bytes; } }
static bool unpin(void *start)
{
    for (int i = 0; i < pinned_count; i++)
        if (pinned[i].start == (uintptr_t)start) {
            pinned[i] = pinned[--pinned_count];
            return true;
        }
    return false;
}

static void drain(stream *s);

static bool within(uintptr_t address, size_t bytes)
{
    allocation *home = memory_find(address);
    return home == NULL || address - home->start + bytes <= home->bytes;
}

// SOFTWARE_GPU_PROFILE=FILE writes what each kernel cost when the process ends: a table with a line a kernel.
static struct { char name[128]; const kernel *of; profile counts; } profiles[256];
static int profile_count;
static const char *profile_file;

static void write_profiles(void)
{
    FILE *file = fopen(profile_file, "w");
    if (file == NULL) return;
    fprintf(file, "kernel\tlaunches\twarp instructions\tglobal bytes asked for\tglobal bytes moved\tshared turns\tshared turns without conflicts\n");
    for (int i = 0; i < profile_count; i++) {
        const profile *p = &profiles[i].counts;
        fprintf(file, "%s\t%llu\t%llu\t%llu\t%llu\t%u\t%u\n", profiles[i].name, (unsigned long long)p->launches, (unsigned long long)p->instructions,
            (unsigned long long)p->global_bytes, (unsigned long long)p->global_sectors * 32, p->shared_turns, p->shared_ideal);
    }
    fclose(file);
}

static profile *profile_of(const kernel *k)
{
    if (profile_file == NULL) return NULL;
    int at = profile_count;
    while (at > 0 && profiles[at - 1].of != k) at--;
    if (at == 0) {
        if (profile_count == (int)(sizeof profiles / sizeof *profiles)) return NULL;
        at = ++profile_count;
        profiles[at - 1].of = k;
        snprintf(profiles[at - 1].name, sizeof profiles->name, "%s", k->name);
    }
    profiles[at - 1].counts.launches++;
    return &profiles[at - 1].counts;
}

static void perform(stream *s, work *w)
{
    failure why = { "" };
    switch (w->kind) {
    case COPY:
        if (!within(w->target, w->bytes) || !within(w->source, w->bytes)) snprintf(why.text, sizeof why.text, "a copy of %zu bytes leaves its allocation", w->bytes);
        else {
            memmove((void *)w->target, (void *)w->source, w->bytes);
            memory_written(w->target, w->bytes);
        }
        break;
    case FILL:
        if (!is_device(w->target) || !within(w->target, w->bytes)) snprintf(why.text, sizeof why.text, "a fill of %zu bytes leaves its allocation", w->bytes);
        else {
            for (size_t i = 0; i < w->bytes; i += w->width) memcpy((char *)w->target + i, &w->pattern, w->width);
            memory_written(w->target, w->bytes);
        }
        break;
    case LAUNCH:
        if (++launches == failing_launch) snprintf(why.text, sizeof why.text, "launch %d, of %s, fails as it was told to", launches, w->kernel->name);
        else ptx_run(w->kernel, w->grid, w->block, w->parameters, profile_of(w->kernel), &why);
        break;
    case RELEASE: memory_free(w->target); break;
    case MARK:
        w->event->time = now;
        w->event->done = w->generation;
        return;
    case WAIT: if (w->event->done < w->generation && w->event->stream != s) drain(w->event->stream); return;
    case CALL: w->call(w->argument); break;
    }
    now += 2.5;
    if (*why.text) {
        fprintf(stderr, "software GPU: %s\n", why.text);
        last_failure = why;
        s->home->failed = LAUNCH_FAILED;
    }
}

// Runs what waits in the stream. A host function may queue more, which comes behind.
static void drain(stream *s)
{
    if (s->draining) return;
    s->draining = 1;
    for (int i = 0; i < s->waiting.count; i++) {
        work w = s->waiting.items[i];
        if (!s->home->failed) perform(s, &w);
        free(w.held);
    }
    s->waiting.count = 0;
    s->draining = 0;
}

static void drain_context(context *c)
{
    drain(&legacy[c - contexts]);
    for (stream *s = streams; s; s = s->other)
        if (s->home == c) drain(s);
}

static stream *resolve(CUstream given) { return given ? (stream *)given : &legacy[current_context() - contexts]; }

static CUresult queue(CUstream given, work w)
{
    stream *s = resolve(given);
    if (s->home != current_context() && given) return INVALID_CONTEXT;
    if (s->capturing == INVALIDATED) return CAPTURE_INVALIDATED;
    append(s->capturing ? &s->taped : &s->waiting, w);
    return SUCCESS;
}

// Calls that a thread may not make while it records: the recording is lost.
static CUresult outside_capture(void)
{
    for (stream *s = streams; s; s = s->other)
        if (s->capturing && pthread_equal(s->by, pthread_self())) {
            s->capturing = INVALIDATED;
            return CAPTURE_UNSUPPORTED;
        }
    return SUCCESS;
}
#define OUTSIDE_CAPTURE do { CUresult recording = outside_capture(); if (recording) return recording; } while (0)

// What made a launch fail last; each context begins without. Not of cuda.h: for those who want to know more than a number.
const char *softwareGpuLastFailure(void) { return last_failure.text; }

CUresult cuInit(unsigned flags)
{
    ENTER
    initialized = flags == 0;
    const char *failing = getenv("SOFTWARE_GPU_FAIL_LAUNCH");
    failing_launch = failing ? atoi(failing) : 0;
    if (profile_file == NULL && (profile_file = getenv("SOFTWARE_GPU_PROFILE")) != NULL) atexit(write_profiles);
    for (int d = 0; d < DEVICES; d++) contexts[d].device = d;
    for (int c = 0; c < MOST_CONTEXTS; c++) legacy[c].home = &contexts[c];
    return flags ? INVALID_VALUE : SUCCESS;
}
CUresult cuDriverGetVersion(int *version) { *version = DRIVER_VERSION; return SUCCESS; }
CUresult cuGetErrorString(CUresult error, const char **text)
{
    *text = error == OUT_OF_MEMORY ? "out of memory" : error == INVALID_DEVICE ? "invalid device ordinal" : error == LAUNCH_FAILED ? "unspecified launch failure" : NULL;
    return *text ? SUCCESS : INVALID_VALUE;
}

CUresult cuDeviceGetCount(int *count) { *count = DEVICES; return initialized ? SUCCESS : NOT_INITIALIZED; }
CUresult cuDeviceGet(CUdevice *device, int ordinal) { *device = ordinal; return ordinal >= 0 && ordinal < DEVICES ? SUCCESS : INVALID_DEVICE; }
CUresult cuDeviceGetName(char *name, int length, CUdevice device) { snprintf(name, length, "Software %s", device ? "Two" : "One"); return SUCCESS; }
CUresult NAME(cuDeviceTotalMem, cuDeviceTotalMem_v2)(size_t *bytes, CUdevice device) { *bytes = memory_total(); return device < DEVICES ? SUCCESS : INVALID_DEVICE; }
CUresult cuDeviceGetPCIBusId(char *text, int length, CUdevice device) { snprintf(text, length, "0000:%02d:00.0", device + 1); return SUCCESS; }
CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device)
{
    // The numbers of cuda.h; the values are those of an H100 or H200, where they matter to a launch.
    static const int values[][2] = {
        {1, 1024}, {2, 1024}, {3, 1024}, {4, 64}, {5, INT32_MAX}, {6, 65535}, {7, 65535}, {8, SHARED_BYTES}, {9, 65536}, {10, WARP}, {11, INT32_MAX}, {12, 65536},
        {13, 1980000}, {16, 132}, {19, 1}, {32, 1}, {34, 0}, {35, 0}, {36, 2619000}, {37, 5120}, {38, 50 << 20}, {39, 2048}, {40, 3}, {41, 1}, {50, 0},
        {75, 9}, {76, 0}, {81, 228 << 10}, {82, 65536}, {83, 1}, {90, 1}, {91, 1}, {115, 1},
    };
    if (device < 0 || device >= DEVICES) return INVALID_DEVICE;
    if (attribute == 33) return *value = device + 1, SUCCESS;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (values[i][0] == (int)attribute) return *value = values[i][1], SUCCESS;
    return INVALID_VALUE;
}

static CUresult make_context(CUcontext *made, int device)
{
    for (int c = DEVICES; c < MOST_CONTEXTS; c++)
        if (!contexts[c].alive) {
            contexts[c] = (context){ device, 1, 0 };
            *last_failure.text = 0;
            *made = (CUcontext)&contexts[c];
            return SUCCESS;
        }
    return OUT_OF_MEMORY;
}
CUresult NAME(cuCtxCreate, cuCtxCreate_v2)(CUcontext *made, unsigned flags, CUdevice device)
{
    ENTER
    (void)flags;
    CUresult result = make_context(made, device);
    if (result == SUCCESS) stack[depth++] = (context *)*made;
    return result;
}
CUresult NAME(cuCtxDestroy, cuCtxDestroy_v2)(CUcontext which)
{
    ENTER
    context *c = (context *)which;
    if (!c->alive) return INVALID_CONTEXT;
    drain_context(c);
    memory_free_of(c);
    c->alive = 0;
    if (current_context() == c) depth--;
    return SUCCESS;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext *made, CUdevice device) { ENTER retained[device]++; contexts[device].alive = 1; *made = (CUcontext)&contexts[device]; return SUCCESS; }
CUresult NAME(cuDevicePrimaryCtxRelease, cuDevicePrimaryCtxRelease_v2)(CUdevice device)
{
    ENTER
    if (retained[device] == 0) return INVALID_CONTEXT;
    if (--retained[device] == 0) contexts[device] = (context){ device, 0, 0 };
    return SUCCESS;
}
CUresult cuCtxSetCurrent(CUcontext which)
{
    if (which == NULL) depth -= depth > 0;
    else if (depth) stack[depth - 1] = (context *)which;
    else stack[depth++] = (context *)which;
    return SUCCESS;
}
CUresult NAME(cuCtxPushCurrent, cuCtxPushCurrent_v2)(CUcontext which) { stack[depth++] = (context *)which; return SUCCESS; }
CUresult NAME(cuCtxPopCurrent, cuCtxPopCurrent_v2)(CUcontext *which) { if (!depth) return INVALID_CONTEXT; *which = (CUcontext)stack[--depth]; return SUCCESS; }
CUresult cuCtxGetCurrent(CUcontext *which) { *which = (CUcontext)current_context(); return SUCCESS; }
CUresult cuCtxGetCacheConfig(CUfunc_cache *config) { *config = 0; return SUCCESS; }
CUresult cuCtxGetSharedMemConfig(CUsharedconfig *config) { *config = 1; return SUCCESS; }
CUresult cuCtxSynchronize(void) { IN_CONTEXT OUTSIDE_CAPTURE; drain_context(current); return current->failed; }
CUresult cuDeviceCanAccessPeer(int *can, CUdevice device, CUdevice peer) { *can = device == 0 && peer == 1; return SUCCESS; }
CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned flags) { ENTER (void)peer; return flags ? INVALID_VALUE : peers_enabled++ ? PEER_ALREADY : SUCCESS; }

CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned count, CUjit_option *options, void **values)
{
    IN_CONTEXT
    char problem[512], *log = NULL;
    size_t room = 0;
    kernel *k = ptx_parse(image, problem, sizeof problem);
    *module = (CUmodule)k;
    if (k) return SUCCESS;
    for (unsigned i = 0; i < count; i++) {
        if (options[i] == 5) log = values[i];
        if (options[i] == 6) room = (size_t)values[i];
    }
    if (log && room) snprintf(log, room, "%s", problem);
    fprintf(stderr, "software GPU: %s\n", problem);
    return INVALID_PTX;
}
CUresult cuModuleUnload(CUmodule module) { IN_CONTEXT OUTSIDE_CAPTURE; if (module == NULL) return INVALID_HANDLE; drain_context(current); ptx_free((kernel *)module); return SUCCESS; }
CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name)
{
    *function = (CUfunction)module;
    return strcmp(((kernel *)module)->name, name) ? NOT_FOUND : SUCCESS;
}
CUresult cuLaunchKernel(CUfunction function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ, unsigned shared, CUstream stream, void **arguments, void **extra)
{
    IN_CONTEXT
    const kernel *k = (const kernel *)function;
    const void *given = NULL;
    size_t bytes = 0;
    for (void **e = extra; e && *e; e += 2) {
        if (*e == (void *)1) given = e[1];
        if (*e == (void *)2) bytes = *(size_t *)e[1];
    }
    // Parameters come as one block, as ILGPU passes them; an array of pointers is what nobody here uses.
    if (k == NULL || arguments || given == NULL || bytes < k->parameter_bytes || shared) return INVALID_VALUE;
    if (gridX == 0 || gridY == 0 || gridZ == 0 || (uint64_t)blockX * blockY * blockZ - 1 >= k->most_threads) return INVALID_VALUE;
    work w = { .kind = LAUNCH, .kernel = k, .grid = { gridX, gridY, gridZ }, .block = { blockX, blockY, blockZ }, .bytes = bytes };
    w.held = w.parameters = memcpy(malloc(bytes), given, bytes);
    return queue(stream, w);
}
CUresult cuLaunchHostFunc(CUstream stream, CUhostFn call, void *argument) { IN_CONTEXT return queue(stream, (work){ .kind = CALL, .call = call, .argument = argument }); }

CUresult cuStreamCreate(CUstream *made, unsigned flags)
{
    IN_CONTEXT
    // Only streams that do not wait for the legacy one.
    if (flags != 1) return INVALID_VALUE;
    stream *s = calloc(1, sizeof *s);
    s->home = current;
    s->other = streams;
    streams = s;
    *made = (CUstream)s;
    return SUCCESS;
}
CUresult NAME(cuStreamDestroy, cuStreamDestroy_v2)(CUstream which)
{
    IN_CONTEXT
    stream *s = (stream *)which;
    drain(s);
    for (stream **at = &streams; *at; at = &(*at)->other)
        if (*at == s) {
            *at = s->other;
            break;
        }
    free(s->waiting.items);
    free(s->taped.items);
    free(s);
    return SUCCESS;
}
CUresult cuStreamSynchronize(CUstream which)
{
    IN_CONTEXT
    OUTSIDE_CAPTURE;
    drain(resolve(which));
    return current->failed;
}
CUresult cuStreamWaitEvent(CUstream which, CUevent given, unsigned flags)
{
    IN_CONTEXT
    event *e = (event *)given;
    return e == NULL || flags ? INVALID_VALUE : queue(which, (work){ .kind = WAIT, .event = e, .generation = e->asked });
}

CUresult cuEventCreate(CUevent *made, unsigned flags)
{
    IN_CONTEXT
    (void)flags;
    event *e = calloc(1, sizeof *e);
    e->home = current;
    *made = (CUevent)e;
    return SUCCESS;
}
CUresult NAME(cuEventDestroy, cuEventDestroy_v2)(CUevent which)
{
    ENTER
    event *e = (event *)which;
    if (e->done < e->asked) drain(e->stream);
    free(e);
    return SUCCESS;
}
CUresult cuEventRecord(CUevent which, CUstream stream)
{
    IN_CONTEXT
    event *e = (event *)which;
    if (e->home != resolve(stream)->home) return INVALID_HANDLE;
    e->stream = resolve(stream);
    e->asked++;
    return queue(stream, (work){ .kind = MARK, .event = e, .generation = e->asked });
}
CUresult cuEventSynchronize(CUevent which)
{
    ENTER
    event *e = (event *)which;
    if (e == NULL) return INVALID_VALUE;
    OUTSIDE_CAPTURE;
    if (e->done == e->asked) return SUCCESS;
    drain(e->stream);
    return e->stream->home->failed;
}
CUresult cuEventQuery(CUevent which)
{
    ENTER
    event *e = (event *)which;
    OUTSIDE_CAPTURE;
    if (e->asked && e->done == e->asked) return SUCCESS;
    // Time passes for those who ask again and again.
    if (e->asked) drain(e->stream);
    return NOT_READY;
}
CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end)
{
    ENTER
    event *s = (event *)start, *e = (event *)end;
    if (!s->asked || !e->asked) return INVALID_HANDLE;
    if (s->done < s->asked || e->done < e->asked) return NOT_READY;
    *milliseconds = (float)(e->time - s->time);
    return SUCCESS;
}

CUresult cuStreamBeginCapture_v2(CUstream which, CUstreamCaptureMode mode)
{
    IN_CONTEXT
    stream *s = (stream *)which;
    if (s == NULL || s->capturing || mode != 1) return CAPTURE_UNSUPPORTED;
    s->capturing = CAPTURING;
    s->by = pthread_self();
    s->taped.count = 0;
    return SUCCESS;
}
CUresult cuStreamEndCapture(CUstream which, CUgraph *made)
{
    IN_CONTEXT
    stream *s = (stream *)which;
    int state = s->capturing;
    s->capturing = NOT_CAPTURING;
    *made = NULL;
    if (state != CAPTURING) return state ? CAPTURE_INVALIDATED : CAPTURE_UNMATCHED;
    graph *g = calloc(1, sizeof *g);
    g->taped = s->taped;
    s->taped = (list){ NULL, 0, 0 };
    *made = (CUgraph)g;
    return SUCCESS;
}
CUresult cuStreamIsCapturing(CUstream which, CUstreamCaptureStatus *status) { ENTER *status = ((stream *)which)->capturing; return SUCCESS; }

static work copy_of(work w)
{
    if (w.parameters) w.held = w.parameters = memcpy(malloc(w.bytes), w.parameters, w.bytes);
    return w;
}
static void assign(list *to, const list *from)
{
    for (int i = 0; i < to->count; i++) free(to->items[i].held);
    to->count = 0;
    for (int i = 0; i < from->count; i++) append(to, copy_of(from->items[i]));
}
CUresult cuGraphInstantiateWithFlags(CUgraphExec *made, CUgraph from, unsigned long long flags)
{
    ENTER
    graph *g = calloc(1, sizeof *g);
    assign(&g->taped, &((graph *)from)->taped);
    *made = (CUgraphExec)g;
    return flags ? INVALID_VALUE : SUCCESS;
}
CUresult cuGraphLaunch(CUgraphExec which, CUstream stream)
{
    IN_CONTEXT
    list *taped = &((graph *)which)->taped;
    for (int i = 0; i < taped->count; i++) {
        CUresult result = queue(stream, copy_of(taped->items[i]));
        if (result) return result;
    }
    return SUCCESS;
}
#ifndef WITHOUT_GRAPH_UPDATE
CUresult NAME(cuGraphExecUpdate, cuGraphExecUpdate_v2)(CUgraphExec which, CUgraph from, CUgraphExecUpdateResultInfo *info)
{
    ENTER
    list *old = &((graph *)which)->taped, *fresh = &((graph *)from)->taped;
    info->result = old->count == fresh->count ? 0 : 2;
    info->errorNode = info->errorFromNode = NULL;
    if (info->result) return UPDATE_FAILURE;
    assign(old, fresh);
    return SUCCESS;
}
#endif
static CUresult destroy(graph *g) { assign(&g->taped, &(list){ NULL, 0, 0 }); free(g->taped.items); free(g); return SUCCESS; }
CUresult cuGraphExecDestroy(CUgraphExec which) { ENTER return destroy((graph *)which); }
CUresult cuGraphDestroy(CUgraph which) { ENTER return destroy((graph *)which); }

CUresult NAME(cuMemAlloc, cuMemAlloc_v2)(CUdeviceptr *address, size_t bytes)
{
    IN_CONTEXT
    OUTSIDE_CAPTURE;
    return (*address = memory_allocate(current->device, current, bytes)) ? SUCCESS : bytes ? OUT_OF_MEMORY : INVALID_VALUE;
}
CUresult NAME(cuMemFree, cuMemFree_v2)(CUdeviceptr address)
{
    IN_CONTEXT
    OUTSIDE_CAPTURE;
    drain_context(current);
    // Nothing is freed by freeing nothing, which ILGPU does with empty buffers.
    return address == 0 || memory_free(address) ? SUCCESS : INVALID_VALUE;
}
CUresult cuMemAllocAsync(CUdeviceptr *address, size_t bytes, CUstream stream)
{
    IN_CONTEXT
    if ((*address = memory_allocate(current->device, NULL, bytes))) return SUCCESS;
    // What the stream will have freed by then can be had again.
    drain(resolve(stream));
    return (*address = memory_allocate(current->device, NULL, bytes)) ? SUCCESS : OUT_OF_MEMORY;
}
CUresult cuMemFreeAsync(CUdeviceptr address, CUstream stream)
{
    IN_CONTEXT
    return is_device(address) ? queue(stream, (work){ .kind = RELEASE, .target = address }) : INVALID_VALUE;
}
CUresult NAME(cuMemGetInfo, cuMemGetInfo_v2)(size_t *available, size_t *total)
{
    IN_CONTEXT
    *total = memory_total();
    *available = *total - memory_used(current->device);
    return SUCCESS;
}
CUresult cuDeviceGetDefaultMemPool(CUmemoryPool *pool, CUdevice device) { *pool = (CUmemoryPool)&contexts[device]; return SUCCESS; }
CUresult cuMemPoolSetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, void *value)
{
    if (!pool || attribute != 4) return INVALID_VALUE;
    threshold = *(unsigned long long *)value;
    return SUCCESS;
}
CUresult cuMemPoolGetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, void *value)
{
    if (!pool || (attribute != 4 && attribute != 5 && attribute != 7)) return INVALID_VALUE;
    *(unsigned long long *)value = attribute == 4 ? threshold : attribute == 5 ? memory_total() / 2 : memory_used(((context *)pool)->device);
    return SUCCESS;
}
CUresult cuMemPoolTrimTo(CUmemoryPool pool, size_t keep) { threshold = keep; return pool ? SUCCESS : INVALID_VALUE; }

static CUresult allocate_host(void **memory, size_t bytes) { *memory = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096); pin(*memory, bytes); return SUCCESS; }
CUresult cuMemHostAlloc(void **memory, size_t bytes, unsigned flags) { IN_CONTEXT OUTSIDE_CAPTURE; return flags == 1 ? allocate_host(memory, bytes) : INVALID_VALUE; }
CUresult NAME(cuMemAllocHost, cuMemAllocHost_v2)(void **memory, size_t bytes) { IN_CONTEXT OUTSIDE_CAPTURE; return allocate_host(memory, bytes); }
CUresult cuMemFreeHost(void *memory)
{
    IN_CONTEXT
    OUTSIDE_CAPTURE;
    drain_context(current);
    if (!unpin(memory)) return INVALID_VALUE;
    free(memory);
    return SUCCESS;
}
CUresult NAME(cuMemHostRegister, cuMemHostRegister_v2)(void *memory, size_t bytes, unsigned flags) { IN_CONTEXT OUTSIDE_CAPTURE; (void)flags; pin(memory, bytes); return SUCCESS; }
CUresult cuMemHostUnregister(void *memory) { IN_CONTEXT drain_context(current); return unpin(memory) ? SUCCESS : INVALID_VALUE; }
CUresult NAME(cuMemHostGetDevicePointer, cuMemHostGetDevicePointer_v2)(CUdeviceptr *address, void *memory, unsigned flags) { (void)flags; *address = (CUdeviceptr)memory; return SUCCESS; }

// Page-locked memory is read and written when the copy runs; other host memory is read at once, and written before the call returns.
static CUresult copy(uintptr_t target, uintptr_t source, size_t bytes, CUstream stream)
{
    work w = { .kind = COPY, .target = target, .source = source, .bytes = bytes };
    bool records = stream && ((struct CUstream_st *)stream)->capturing;
    if (!records && !is_device(source) && !is_pinned(source)) {
        w.held = memcpy(malloc(bytes), (void *)source, bytes);
        w.source = (uintptr_t)w.held;
    }
    CUresult result = queue(stream, w);
    if (result == SUCCESS && !records && !is_device(target) && !is_pinned(target)) {
        drain(resolve(stream));
        result = current_context()->failed;
    }
    return result;
}
CUresult cuMemcpyAsync(CUdeviceptr target, CUdeviceptr source, size_t bytes, CUstream stream) { IN_CONTEXT return copy(target, source, bytes, stream); }
CUresult NAME(cuMemcpyHtoDAsync, cuMemcpyHtoDAsync_v2)(CUdeviceptr target, const void *source, size_t bytes, CUstream stream) { IN_CONTEXT return is_device(target) ? copy(target, (uintptr_t)source, bytes, stream) : INVALID_VALUE; }
CUresult NAME(cuMemcpyDtoHAsync, cuMemcpyDtoHAsync_v2)(void *target, CUdeviceptr source, size_t bytes, CUstream stream) { IN_CONTEXT return is_device(source) ? copy((uintptr_t)target, source, bytes, stream) : INVALID_VALUE; }
CUresult NAME(cuMemcpyDtoDAsync, cuMemcpyDtoDAsync_v2)(CUdeviceptr target, CUdeviceptr source, size_t bytes, CUstream stream) { IN_CONTEXT return is_device(source) && is_device(target) ? copy(target, source, bytes, stream) : INVALID_VALUE; }
CUresult cuMemcpyPeerAsync(CUdeviceptr target, CUcontext targetContext, CUdeviceptr source, CUcontext sourceContext, size_t bytes, CUstream stream)
{
    IN_CONTEXT
    allocation *to = memory_find(target), *from = memory_find(source);
    if (!to || !from) return INVALID_VALUE;
    if (to->device != ((context *)targetContext)->device || from->device != ((context *)sourceContext)->device) return INVALID_CONTEXT;
    return copy(target, source, bytes, stream);
}
static CUresult fill(uintptr_t target, unsigned value, size_t count, int width, CUstream stream) { return queue(stream, (work){ .kind = FILL, .target = target, .bytes = count * width, .pattern = value, .width = width }); }
CUresult cuMemsetD8Async(CUdeviceptr target, unsigned char value, size_t count, CUstream stream) { IN_CONTEXT return fill(target, value, count, 1, stream); }
CUresult cuMemsetD32Async(CUdeviceptr target, unsigned value, size_t count, CUstream stream) { IN_CONTEXT return fill(target, value, count, 4, stream); }
