#include "memory.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { MOST_ALLOCATIONS = 1 << 16, WORD = 4, PAGE = 4096 };
static const size_t TOTAL = (size_t)1 << 30;

// Sorted by address.
static allocation table[MOST_ALLOCATIONS];
static int count;
static size_t used[2];

size_t memory_total(void) { return TOTAL; }
size_t memory_used(int device) { return used[device]; }

// Where the first allocation beyond the address stands.
static int beyond(uintptr_t address)
{
    int low = 0, high = count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (table[middle].start <= address) low = middle + 1; else high = middle;
    }
    return low;
}

static size_t mapped(size_t bytes) { return (bytes + PAGE - 1) / PAGE * PAGE; }
static size_t history(size_t bytes) { return mapped((bytes + WORD - 1) / WORD * sizeof(word_history)); }
static void *map(size_t bytes) { return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0); }

uintptr_t memory_allocate(int device, const void *owner, size_t bytes)
{
    if (bytes == 0 || used[device] + bytes > TOTAL || count == MOST_ALLOCATIONS) return 0;
    void *memory = map(mapped(bytes)), *words = map(history(bytes));
    if (memory == MAP_FAILED || words == MAP_FAILED) return 0;
    int at = beyond((uintptr_t)memory);
    memmove(table + at + 1, table + at, (count++ - at) * sizeof *table);
    table[at] = (allocation){ (uintptr_t)memory, bytes, device, owner, words };
    used[device] += bytes;
    memset(memory, 0xFF, bytes);
    return (uintptr_t)memory;
}

bool memory_free(uintptr_t start)
{
    int at = beyond(start) - 1;
    if (at < 0 || table[at].start != start) return false;
    munmap((void *)start, mapped(table[at].bytes));
    munmap(table[at].words, history(table[at].bytes));
    used[table[at].device] -= table[at].bytes;
    memmove(table + at, table + at + 1, (--count - at) * sizeof *table);
    return true;
}

void memory_free_of(const void *owner)
{
    for (int at = count - 1; at >= 0; at--)
        if (table[at].owner == owner) memory_free(table[at].start);
}

allocation *memory_find(uintptr_t address)
{
    int at = beyond(address) - 1;
    return at >= 0 && address - table[at].start < table[at].bytes ? table + at : NULL;
}

void memory_written(uintptr_t address, size_t bytes)
{
    allocation *home = memory_find(address);
    if (home == NULL) return;
    size_t first = (address - home->start) / WORD, end = (address - home->start + bytes + WORD - 1) / WORD;
    memset(home->words + first, 0, (end - first) * sizeof(word_history));
}
