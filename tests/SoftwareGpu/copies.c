// Memory of the devices, page-locked memory of the host, and what moves between them, as cuda.h declares it.
#include "driver.h"

static struct { uintptr_t start; size_t bytes; } pinned[MOST_PINNED];
static int pinned_count;
static unsigned long long threshold;

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
