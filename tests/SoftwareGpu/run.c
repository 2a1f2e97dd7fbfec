// Runs a kernel: blocks one after the other, the warps of a block in turn from barrier to barrier, the lanes of a warp in step.
// Lanes that parted at a branch come together again where their ways meet.
#include "memory.h"
#include "operations.h"
#include "ptx.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALL UINT32_MAX

enum { MOST_PATHS = 128 };

// Lanes that go one way: the instruction they are at, and where they wait for those that went another.
typedef struct { int32_t next, meeting; uint32_t lanes; } path;

typedef struct {
    uint8_t *registers;
    path paths[MOST_PATHS];    // the last one runs
    int depth;                 // 0 when all lanes have returned
    bool waiting;              // at a barrier
    uint32_t first;            // thread of lane 0
} warp;

typedef struct {
    const kernel *made;
    const uint8_t *parameters;
    uint32_t launch, block, blocks, threads;
    uint16_t barriers;
    uint8_t shared[SHARED_BYTES];
    word_history shared_words[SHARED_BYTES / 4];
    warp warps[MOST_THREADS / WARP];
    allocation *last;
    failure *why;
    profile *counts;
} block_state;

static int32_t to_integer(float value)
{
    return isnan(value) ? 0 : value >= 2147483648.0f ? INT32_MAX : value <= -2147483648.0f ? INT32_MIN : (int32_t)value;
}
// What a division by zero gives is open; the largest number makes it show.
static int32_t quotient(int32_t a, int32_t b) { return b == 0 ? -1 : b == -1 ? (int32_t)-(uint32_t)a : a / b; }
static int32_t remainder_of(int32_t a, int32_t b) { return b == 0 ? a : b == -1 ? 0 : a % b; }

static bool fail(block_state *s, const instruction *i, const warp *w, int lane, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    snprintf(s->why->text, sizeof s->why->text, "%s, line %d '%s': block %u, thread %u: %s",
        s->made->name, i->line, s->made->lines[i - s->made->code], s->block, w->first + lane, what);
    return false;
}

static void *at(const block_state *s, const warp *w, place p)
{
    return p >= 0 ? (void *)(w->registers + p) : (void *)(s->made->constants + ~p);
}

// Where a lane's words of global memory are, or null where they are not a live allocation's.
static word_history *global_words(block_state *s, uintptr_t address, size_t bytes)
{
    allocation *home = s->last;
    if (home == NULL || address - home->start >= home->bytes) home = s->last = memory_find(address);
    return home && address - home->start + bytes <= home->bytes ? home->words + (address - home->start) / 4 : NULL;
}

// Sectors of 32 bytes that a warp's access touches: what the memory must move for it.
static unsigned sectors_of(const uint64_t *base, int64_t displacement, uint32_t active)
{
    uint64_t seen[WARP];
    unsigned count = 0;
    for (uint32_t left = active; left; left &= left - 1) {
        uint64_t sector = (base[__builtin_ctz(left)] + displacement) / 32;
        unsigned at = count;
        while (at > 0 && seen[at - 1] != sector) at--;
        if (at == 0) seen[count++] = sector;
    }
    return count;
}

// Turns that shared memory takes: 128 bytes each, and one more for every further word of the same of its 32 banks.
static unsigned turns_of(const uint64_t *base, int64_t displacement, uint32_t active, int width, unsigned *ideal)
{
    unsigned turns = 0;
    for (int first = 0; first < WARP; first += 128 / width) {
        uint64_t words[WARP];
        unsigned in_bank[32] = { 0 }, count = 0, most = 0;
        for (int lane = first; lane < first + 128 / width && lane < WARP; lane++)
            for (int word = 0; active >> lane & 1 && word < width / 4; word++) {
                uint64_t address = (base[lane] + displacement) / 4 + word;
                unsigned at = count;
                while (at > 0 && words[at - 1] != address) at--;
                if (at > 0) continue;
                words[count++] = address;
                unsigned here = ++in_bank[address % 32];
                if (here > most) most = here;
            }
        turns += most;
        *ideal += most > 0;
    }
    return turns;
}

static void count_access(block_state *s, const uint64_t *base, int64_t displacement, uint32_t active, bool shared, int width)
{
    profile *p = s->counts;
    if (shared) p->shared_turns += turns_of(base, displacement, active, width, &p->shared_ideal);
    else {
        p->global_bytes += (uint64_t)__builtin_popcount(active) * width;
        p->global_sectors += sectors_of(base, displacement, active);
    }
}

static bool access_memory(block_state *s, warp *w, const instruction *i, uint32_t active, bool shared, bool store, int words)
{
    const uint64_t *base = at(s, w, i->operands[4]);
    int width = words * i->elements * 4;
    if (s->counts) count_access(s, base, i->displacement, active, shared, width);
    for (uint32_t left = active; left; left &= left - 1) {
        int lane = __builtin_ctz(left);
        uint64_t address = base[lane] + i->displacement;
        const char *kind = store ? "written" : "read", *where = shared ? "shared" : "global";
        if (address % width) return fail(s, i, w, lane, "%d bytes %s at %s address 0x%llx, which is no multiple of %d", width, kind, where, (unsigned long long)address, width);
        word_history *history = shared ? (address + width <= s->made->shared_bytes ? s->shared_words + address / 4 : NULL) : global_words(s, address, width);
        if (history == NULL) return fail(s, i, w, lane, "%d bytes %s at %s address 0x%llx, outside of what is allocated", width, kind, where, (unsigned long long)address);
        uint8_t *memory = shared ? s->shared + address : (uint8_t *)address;
        toucher now = { s->launch, s->block, (uint16_t)(w->first + lane), s->barriers };
        for (int word = 0; word < words * i->elements; word++) {
            uint32_t *value = (uint32_t *)at(s, w, i->operands[word / words]) + lane * words + word % words;
            if (!(store ? record_write(history + word, now) : record_read(history + word, now)))
                return fail(s, i, w, lane, "race at %s address 0x%llx: %s without a barrier after another thread %s it", where, (unsigned long long)address + 4 * word, kind, store ? "touched" : "wrote");
            if (store) memcpy(memory + 4 * word, value, 4); else memcpy(value, memory + 4 * word, 4);
        }
    }
    return true;
}

static bool shuffle(block_state *s, warp *w, const instruction *i, uint32_t active)
{
    const uint32_t *source = at(s, w, i->operands[1]), *distance = at(s, w, i->operands[2]), *clamp = at(s, w, i->operands[3]), *members = at(s, w, i->operands[4]);
    uint32_t result[WARP], *target = at(s, w, i->operands[0]);
    for (int lane = 0; lane < WARP; lane++) {
        if (!(active >> lane & 1)) continue;
        if (members[lane] != active) return fail(s, i, w, lane, "lanes 0x%08x are named, 0x%08x came", members[lane], active);
        // Lanes beyond the segment's end keep their own value.
        int from = lane ^ (int)(distance[lane] & 31), segment = (clamp[lane] >> 8) & 31, last = (lane & segment) | ((int)clamp[lane] & 31 & ~segment);
        result[lane] = source[from <= last ? from : lane];
    }
    for (int lane = 0; lane < WARP; lane++)
        if (active >> lane & 1) target[lane] = result[lane];
    return true;
}

// One value for each active lane; all lanes at once where all are active, so that the compiler can use vector instructions.
#define EACH_LANE(body) \
    if (active == ALL) { _Pragma("GCC ivdep") for (int lane = 0; lane < WARP; lane++) { body } } \
    else for (uint32_t left = active; left; left &= left - 1) { int lane = __builtin_ctz(left); body }
#define OPERAND(slot) at(s, w, i->operands[slot])

#define RUN_UNARY(name, text, given, TR, TA, expression) \
    case name: { TR *r = OPERAND(0); const TA *pa = OPERAND(1); EACH_LANE(TA a = pa[lane]; r[lane] = (expression);) break; }
#define RUN_BINARY(name, text, given, TR, TA, TB, expression) \
    case name: { TR *r = OPERAND(0); const TA *pa = OPERAND(1); const TB *pb = OPERAND(2); EACH_LANE(TA a = pa[lane]; TB b = pb[lane]; r[lane] = (expression);) break; }
#define RUN_COMPARISON(name, text, T, expression) \
    case name: { const T *pa = OPERAND(1), *pb = OPERAND(2); uint32_t m = 0; for (int lane = 0; lane < WARP; lane++) { T a = pa[lane], b = pb[lane]; m |= (uint32_t)(expression) << lane; } set(OPERAND(0), m, active); break; }
#define RUN_PREDICATE(name, text, given, expression) \
    case name: { uint32_t a = *(uint32_t *)OPERAND(1), b = i->operands[2] == NONE ? 0 : *(uint32_t *)OPERAND(2); (void)b; set(OPERAND(0), (expression), active); break; }

static void set(uint32_t *predicate, uint32_t value, uint32_t active) { *predicate = (*predicate & ~active) | (value & active); }

static void load_parameter(const block_state *s, const warp *w, const instruction *i, uint32_t active, int width)
{
    uint8_t *target = at(s, w, i->operands[0]);
    EACH_LANE(memcpy(target + lane * width, s->parameters + i->displacement, width);)
}

static void fill(const block_state *s, const warp *w, const instruction *i, uint32_t active, uint32_t value, uint32_t step)
{
    uint32_t *target = at(s, w, i->operands[0]);
    EACH_LANE(target[lane] = value + step * lane;)
}

// Lanes that parted run one way after the other, up to where the ways meet.
static bool part(block_state *s, warp *w, const instruction *i, uint32_t active, int32_t following)
{
    path *top = w->paths + w->depth - 1;
    if (w->depth + 2 > MOST_PATHS) return fail(s, i, w, __builtin_ctz(active), "lanes parted %d times without meeting", w->depth);
    uint32_t together = top->lanes;
    top->next = i->meeting;
    w->paths[w->depth++] = (path){ following, i->meeting, together & ~active };
    w->paths[w->depth++] = (path){ i->target, i->meeting, active };
    return true;
}

// Runs until every lane has returned or waits at a barrier.
static bool run_warp(block_state *s, warp *w)
{
    const instruction *code = s->made->code;
    while (w->depth > 0) {
        path *top = w->paths + w->depth - 1;
        if (top->next == top->meeting) {
            w->depth--;
            continue;
        }
        const instruction *i = code + top->next++;
        uint32_t active = top->lanes;
        if (i->guard != NONE) active &= i->inverted ? ~*(uint32_t *)at(s, w, i->guard) : *(uint32_t *)at(s, w, i->guard);
        if (s->counts) s->counts->instructions++;
        if (active == 0) continue;
        switch (i->operation) {
        UNARY_OPERATIONS(RUN_UNARY)
        BINARY_OPERATIONS(RUN_BINARY)
        COMPARISONS(RUN_COMPARISON)
        PREDICATE_OPERATIONS(RUN_PREDICATE)
        case MAD_U64: { uint64_t *r = OPERAND(0); const uint64_t *a = OPERAND(1), *b = OPERAND(2), *c = OPERAND(3); EACH_LANE(r[lane] = a[lane] * b[lane] + c[lane];) break; }
        case SELECT: { uint32_t *r = OPERAND(0); const uint32_t *a = OPERAND(1), *b = OPERAND(2), p = *(uint32_t *)OPERAND(3); EACH_LANE(r[lane] = p >> lane & 1 ? a[lane] : b[lane];) break; }
        case IS_NAN: { const float *a = OPERAND(1); uint32_t m = 0; for (int lane = 0; lane < WARP; lane++) m |= (uint32_t)(a[lane] != a[lane]) << lane; set(OPERAND(0), m, active); break; }
        case SHUFFLE: if (!shuffle(s, w, i, active)) return false; break;
        case LOAD_PARAMETER_32: case LOAD_PARAMETER_F32: load_parameter(s, w, i, active, 4); break;
        case LOAD_PARAMETER_64: load_parameter(s, w, i, active, 8); break;
        case LOAD_GLOBAL_32: case LOAD_GLOBAL_F32: if (!access_memory(s, w, i, active, false, false, 1)) return false; break;
        case LOAD_GLOBAL_64: if (!access_memory(s, w, i, active, false, false, 2)) return false; break;
        case STORE_GLOBAL_32: case STORE_GLOBAL_F32: if (!access_memory(s, w, i, active, false, true, 1)) return false; break;
        case LOAD_SHARED_32: case LOAD_SHARED_F32: if (!access_memory(s, w, i, active, true, false, 1)) return false; break;
        case STORE_SHARED_32: case STORE_SHARED_F32: if (!access_memory(s, w, i, active, true, true, 1)) return false; break;
        case READ_TID: fill(s, w, i, active, w->first, 1); break;
        case READ_NTID: fill(s, w, i, active, s->threads, 0); break;
        case READ_CTAID: fill(s, w, i, active, s->block, 0); break;
        case READ_NCTAID: fill(s, w, i, active, s->blocks, 0); break;
        case READ_LANE: fill(s, w, i, active, 0, 1); break;
        case BRANCH:
            if (active == top->lanes) top->next = i->target;
            else if (i->uniform) return fail(s, i, w, __builtin_ctz(active), "lanes 0x%08x of 0x%08x would branch, which .uni rules out", active, top->lanes);
            else if (!part(s, w, i, active, top->next)) return false;
            break;
        case BARRIER:
            if (active != ALL) return fail(s, i, w, __builtin_ctz(active), "only lanes 0x%08x reach the barrier", active);
            w->waiting = true;
            return true;
        case RETURN:
            if (active != ALL) return fail(s, i, w, __builtin_ctz(active), "only lanes 0x%08x return here", active);
            w->depth = 0;
            break;
        default: return fail(s, i, w, __builtin_ctz(active), "operation %d is not emulated", i->operation);
        }
    }
    return true;
}

static bool run_block(block_state *s)
{
    int warps = (int)(s->threads / WARP);
    s->barriers = 0;
    memset(s->shared_words, 0, s->made->shared_bytes / 4 * sizeof(word_history));
    // Registers and shared memory hold anything at first: here what is no number, so that its use shows.
    memset(s->shared, 0xFF, s->made->shared_bytes);
    for (int w = 0; w < warps; w++) {
        memset(s->warps[w].registers, 0xFF, s->made->register_bytes);
        s->warps[w].paths[0] = (path){ 0, s->made->length, ALL };
        s->warps[w].depth = 1;
        s->warps[w].waiting = false;
        s->warps[w].first = w * WARP;
    }
    for (;;) {
        int waiting = 0;
        for (int w = 0; w < warps; w++) {
            if (!run_warp(s, &s->warps[w])) return false;
            waiting += s->warps[w].waiting;
        }
        if (waiting == 0) return true;
        for (int w = 0; w < warps; w++) {
            warp *one = &s->warps[w];
            if (waiting < warps && one->waiting) return fail(s, s->made->code + one->paths[one->depth - 1].next - 1, one, 0, "%d warps of %d reach the barrier, the others have returned", waiting, warps);
            one->waiting = false;
        }
        s->barriers++;
    }
}

bool ptx_run(const kernel *k, extent grid, extent block, const uint8_t *parameters, profile *counts, failure *why)
{
    static uint32_t launches;
    static block_state state;
    if (grid.y != 1 || grid.z != 1 || block.y != 1 || block.z != 1 || block.x % WARP) {
        snprintf(why->text, sizeof why->text, "%s: %ux%ux%u blocks of %ux%ux%u threads are not emulated: one dimension, whole warps", k->name, grid.x, grid.y, grid.z, block.x, block.y, block.z);
        return false;
    }
    state.made = k;
    state.parameters = parameters;
    state.launch = ++launches;
    state.blocks = grid.x;
    state.threads = block.x;
    state.last = NULL;
    state.why = why;
    state.counts = counts;
    uint8_t *registers = aligned_alloc(64, k->register_bytes * (block.x / WARP) + 64);
    for (uint32_t w = 0; w < block.x / WARP; w++) state.warps[w].registers = registers + w * k->register_bytes;
    bool right = true;
    for (state.block = 0; right && state.block < grid.x; state.block++) right = run_block(&state);
    free(registers);
    return right;
}
