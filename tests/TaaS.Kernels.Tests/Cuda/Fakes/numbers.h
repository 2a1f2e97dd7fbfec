// What the stand-in libraries share: elements of the types the engine computes with, read and written as float, and the order of work.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// A stand-in computes at once, so all that was queued in the stream must run first. While the stream records there is no such thing:
// the wait ends the recording, and what asked for it goes on without.
static void after_stream(void *stream)
{
    // The driver beside this library, which is the one that the process uses.
    char driver[4096];
    Dl_info here;
    dladdr((void *)after_stream, &here);
    snprintf(driver, sizeof driver, "%.*s/libcuda.so.1", (int)(strrchr(here.dli_fname, '/') - here.dli_fname), here.dli_fname);
    int (*wait)(void *) = (int (*)(void *))dlsym(dlopen(driver, RTLD_NOW | RTLD_NOLOAD), "cuStreamSynchronize");
    wait(stream);
}

static float load_element(const void *data, int64_t index, int half, int bfloat)
{
    if (half) return (float)((const _Float16 *)data)[index];
    if (!bfloat) return ((const float *)data)[index];
    uint32_t bits = (uint32_t)((const uint16_t *)data)[index] << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

static void store_element(void *data, int64_t index, float value, int half, int bfloat)
{
    if (half) { ((_Float16 *)data)[index] = (_Float16)value; return; }
    if (!bfloat) { ((float *)data)[index] = value; return; }
    uint32_t bits;
    memcpy(&bits, &value, 4);
    ((uint16_t *)data)[index] = (uint16_t)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}
