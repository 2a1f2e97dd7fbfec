// The CUDA driver of two GPUs that are made of software: what cuda.h declares, as far as the engine and ILGPU call it.
// It is as unhelpful as a driver may be: work waits in its stream until somebody waits for it, so that whoever reuses a buffer
// too early, or forgets to wait, gets wrong values here every time and not once a month. Streams see nothing of each other but
// through events. A failed launch shows at the next wait, and then in every call, as on a device.
// The device's clock is exact: each piece of work takes 2.5 ms.
// Built with -DVENDOR_HEADERS the signatures are those of cuda.h, and the compiler checks these against them.
#include "driver.h"

static int initialized, retained[DEVICES], peers_enabled;

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
