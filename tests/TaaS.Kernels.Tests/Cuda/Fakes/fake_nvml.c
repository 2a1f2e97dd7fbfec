// NVML of two GPUs, the second of which tells neither power nor faults. With -DVENDOR_HEADERS the signatures are checked against nvml.h.
#include <string.h>

#ifdef VENDOR_HEADERS
#include <nvml.h>
#else
#include <stddef.h>
typedef int nvmlReturn_t, nvmlTemperatureSensors_t;
typedef struct gpu *nvmlDevice_t;
typedef struct events *nvmlEventSet_t;
typedef struct { unsigned gpu, memory; } nvmlUtilization_t;
typedef struct { unsigned long long total, free, used; } nvmlMemory_t;
typedef struct { nvmlDevice_t device; unsigned long long eventType, eventData; unsigned gpuInstanceId, computeInstanceId; } nvmlEventData_t;
#endif

enum { UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, TIMED_OUT = 10 };
static int users, gpus[2], event_set, registered, pending;

static int index_of(nvmlDevice_t device) { return (int)((int *)(void *)device - gpus); }

nvmlReturn_t nvmlSystemGetNVMLVersion(char *version, unsigned length) { strncpy(version, "12.560.35.03", length); return 0; }
nvmlReturn_t nvmlInit_v2(void) { users++; return 0; }
nvmlReturn_t nvmlShutdown(void) { return users-- > 0 ? 0 : UNINITIALIZED; }
nvmlReturn_t nvmlDeviceGetCount_v2(unsigned *count) { *count = 2; return users ? 0 : UNINITIALIZED; }
nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t *device) { *device = (nvmlDevice_t)(void *)&gpus[index % 2]; return index < 2 ? 0 : INVALID_ARGUMENT; }
nvmlReturn_t nvmlDeviceGetHandleByPciBusId_v2(const char *id, nvmlDevice_t *device)
{
    int second = !strcmp(id, "0000:02:00.0");
    *device = (nvmlDevice_t)(void *)&gpus[second];
    return second || !strcmp(id, "0000:01:00.0") ? 0 : NOT_FOUND;
}
nvmlReturn_t nvmlDeviceGetIndex(nvmlDevice_t device, unsigned *index) { *index = index_of(device); return 0; }
nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned length) { strncpy(name, index_of(device) ? "Fake Two" : "Fake One", length); return length == 96 ? 0 : INVALID_ARGUMENT; }
nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t *utilization) { utilization->gpu = 87 - index_of(device), utilization->memory = 41; return 0; }
nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory) { (void)device; memory->total = 150754820096, memory->free = 150000000000, memory->used = 754820096; return 0; }
nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t device, nvmlTemperatureSensors_t sensor, unsigned *celsius) { *celsius = 55 + index_of(device); return sensor ? INVALID_ARGUMENT : 0; }
nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned *milliwatts) { *milliwatts = 412345; return index_of(device) ? NOT_SUPPORTED : 0; }
nvmlReturn_t nvmlDeviceGetSupportedEventTypes(nvmlDevice_t device, unsigned long long *types) { *types = 8 | 1; return index_of(device) ? NOT_SUPPORTED : 0; }
nvmlReturn_t nvmlEventSetCreate(nvmlEventSet_t *set) { *set = (nvmlEventSet_t)(void *)&event_set; return users ? 0 : UNINITIALIZED; }
nvmlReturn_t nvmlDeviceRegisterEvents(nvmlDevice_t device, unsigned long long types, nvmlEventSet_t set)
{
    registered = pending = types == 8 && index_of(device) == 0;
    return registered && (void *)set == &event_set ? 0 : INVALID_ARGUMENT;
}
nvmlReturn_t nvmlEventSetWait_v2(nvmlEventSet_t set, nvmlEventData_t *data, unsigned timeout)
{
    (void)set;
    if (!pending || timeout > 1000) return TIMED_OUT;
    pending = 0;
    memset(data, 0, sizeof *data);
    data->device = (nvmlDevice_t)(void *)&gpus[0];
    data->eventType = 8;
    data->eventData = 79;
    return 0;
}
nvmlReturn_t nvmlEventSetFree(nvmlEventSet_t set) { return (void *)set == &event_set ? 0 : INVALID_ARGUMENT; }
