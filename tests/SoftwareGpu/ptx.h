// PTX as ILGPU writes it: a module of one kernel, decoded once, then run block by block, warp by warp.
// Semantics: PTX ISA 8.0 (https://docs.nvidia.com/cuda/parallel-thread-execution/).
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WARP = 32, MOST_THREADS = 1024, SHARED_BYTES = 48 << 10 };

// Where a value is: from 0 on a byte offset into a warp's registers, below 0 the complement of one into the module's constants.
// Every register holds the values of all lanes side by side; a predicate is one bit a lane.
typedef int32_t place;

typedef struct {
    uint16_t operation;
    uint8_t elements;      // of a vector access
    bool inverted;         // the guard
    bool uniform;          // .uni: the lanes that come here must agree
    place guard;           // a predicate, or NONE
    place operands[6];
    int64_t displacement;  // of an address, or into the parameters
    int32_t target;        // of a branch
    int32_t meeting;       // of a branch: where lanes that part here come together again
    int32_t line;          // in the text
} instruction;

enum { NONE = INT32_MAX };

typedef struct {
    char name[128];
    instruction *code;
    char **lines;          // the text of each instruction, for messages
    int length;
    uint8_t *constants;
    size_t register_bytes, parameter_bytes, shared_bytes;
    unsigned most_threads; // of a block: .maxntid
} kernel;

// Null, and why, where the text is none that an assembler would take or where it needs what is not emulated.
kernel *ptx_parse(const char *text, char *problem, size_t problem_bytes);
void ptx_free(kernel *k);
void ptx_find_meetings(kernel *k);

typedef struct { uint32_t x, y, z; } extent;

// What launches cost, counted where it is asked for.
typedef struct {
    uint64_t launches;
    uint64_t instructions;                  // of warps
    uint64_t global_bytes, global_sectors;  // asked for; moved, in 32 bytes
    unsigned shared_turns, shared_ideal;    // taken by accesses to shared memory; were there no bank conflicts
} profile;

// Runs a launch to its end. Empty, or what went wrong: an access outside of memory, a race, a barrier that not all reach.
typedef struct { char text[512]; } failure;
bool ptx_run(const kernel *k, extent grid, extent block, const uint8_t *parameters, profile *counts, failure *why);
