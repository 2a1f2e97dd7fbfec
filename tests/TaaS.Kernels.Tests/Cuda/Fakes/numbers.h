// Elements of the types the engine computes with, read and written as float.
#include <stdint.h>
#include <string.h>

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
