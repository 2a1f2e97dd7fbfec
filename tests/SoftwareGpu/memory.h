// The devices' memory: real memory of this process, every word of which knows who touched it last.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whoever reads or writes: thread of a block of a launch, and how many barriers its block had passed.
typedef struct { uint32_t launch, block; uint16_t thread, barriers; } toucher;
typedef struct { toucher writer, reader; } word_history;

enum { MANY_THREADS = UINT16_MAX };
#define MANY_BLOCKS UINT32_MAX

typedef struct {
    uintptr_t start;
    size_t bytes;
    int device;
    const void *owner;         // what frees it at its end, or null
    word_history *words;
} allocation;

// Memory that holds no numbers yet; 0 where the device has no more.
uintptr_t memory_allocate(int device, const void *owner, size_t bytes);
bool memory_free(uintptr_t start);
void memory_free_of(const void *owner);
size_t memory_used(int device);
size_t memory_total(void);

// The allocation that holds the address, or null.
allocation *memory_find(uintptr_t address);

// What the host or a copy writes starts a history anew.
void memory_written(uintptr_t address, size_t bytes);

// Records an access to one word; false where it races with another thread of the same launch.
static inline bool touch_races(toucher before, toucher now)
{
    return before.launch == now.launch && (before.block != now.block || (before.thread != now.thread && before.barriers == now.barriers));
}

static inline bool record_read(word_history *word, toucher now)
{
    if (touch_races(word->writer, now)) return false;
    if (word->reader.launch != now.launch) word->reader = now;
    else if (word->reader.block != now.block) word->reader.block = MANY_BLOCKS;
    else if (word->reader.barriers != now.barriers) word->reader = now;
    else if (word->reader.thread != now.thread) word->reader.thread = MANY_THREADS;
    return true;
}

static inline bool record_write(word_history *word, toucher now)
{
    bool fine = !touch_races(word->writer, now) && !touch_races(word->reader, now);
    word->writer = now;
    return fine;
}
