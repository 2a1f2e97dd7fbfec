// What the parts of the driver share: CUDA's types, streams of work that waits, and who holds what.
#pragma once
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
enum { DEVICES = 2, MOST_CONTEXTS = 256, MOST_PINNED = 4096 };
enum { NOT_CAPTURING, CAPTURING, INVALIDATED };

typedef struct CUctx_st { int device, alive, failed; } context;
typedef enum { COPY, FILL, LAUNCH, RELEASE, MARK, WAIT } kind;
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
} work;
typedef struct { work *items; int count, room; } list;
typedef struct CUevent_st { context *home; double time; unsigned asked, done; struct CUstream_st *stream; } event;
typedef struct CUstream_st { context *home; list waiting, taped; int capturing, draining; pthread_t by; struct CUstream_st *other; } stream;
typedef struct CUgraph_st { list taped; } graph;

extern pthread_mutex_t gate;
extern context contexts[MOST_CONTEXTS];    // the first are the devices' primary ones
extern stream legacy[MOST_CONTEXTS], *streams;
extern _Thread_local context *stack[64];
extern _Thread_local int depth;
extern failure last_failure;
extern int failing_launch;                 // SOFTWARE_GPU_FAIL_LAUNCH=N makes the Nth launch of the process fail
extern const char *profile_file;           // SOFTWARE_GPU_PROFILE=FILE writes what each kernel cost when the process ends

// Every entry takes the gate, since a driver may be called by many threads.
static inline void unlock(int *held) { (void)held; pthread_mutex_unlock(&gate); }
#define ENTER __attribute__((cleanup(unlock), unused)) int held = pthread_mutex_lock(&gate);
#define IN_CONTEXT ENTER context *current = depth ? stack[depth - 1] : NULL; if (current == NULL || !current->alive) return INVALID_CONTEXT; if (current->failed) return current->failed;
#define OUTSIDE_CAPTURE do { CUresult recording = outside_capture(); if (recording) return recording; } while (0)

context *current_context(void);
static inline bool is_device(uintptr_t address) { return memory_find(address) != NULL; }

// Puts work behind what the stream holds, or into what it records.
CUresult queue(CUstream given, work w);
void append(list *to, work w);
stream *resolve(CUstream given);
// Runs what waits.
void drain(stream *s);
void drain_context(context *c);
// Calls that a thread may not make while it records: the recording is lost.
CUresult outside_capture(void);
void write_profiles(void);
