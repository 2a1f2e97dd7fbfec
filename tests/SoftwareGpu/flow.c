// Where lanes that part at a branch come together again: at the first instruction that every way from there passes.
// Immediate post-dominators, by Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001), on the reversed graph.
#include "operations.h"
#include "ptx.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
    const kernel *made;
    int *start;            // first instruction of each block; one more for the end of the kernel, where all ways lead
    int *block_of;         // of each instruction
    int count;
    int *order, *number;   // blocks in post-order of the reversed graph, and back
    int ordered;
    int *dominator;
} graph;

static const instruction *last_of(const graph *g, int block) { return g->made->code + g->start[block + 1] - 1; }

// Up to two blocks that follow; the virtual last one has none.
static int followers(const graph *g, int block, int next[2])
{
    if (block == g->count) return 0;
    const instruction *last = last_of(g, block);
    if (last->operation == RETURN) return next[0] = g->count, 1;
    if (last->operation != BRANCH) return next[0] = block + 1, 1;
    next[0] = g->block_of[last->target];
    if (last->guard == NONE) return 1;
    next[1] = block + 1;
    return 2;
}

static void cut(graph *g)
{
    const kernel *k = g->made;
    char *begins = calloc(k->length + 1, 1);
    begins[0] = 1;
    for (int i = 0; i < k->length; i++) {
        if (k->code[i].operation == BRANCH) begins[k->code[i].target] = 1;
        if (k->code[i].operation == BRANCH || k->code[i].operation == RETURN) begins[i + 1] = 1;
    }
    g->start = malloc((k->length + 2) * sizeof *g->start);
    g->block_of = malloc((k->length + 1) * sizeof *g->block_of);
    for (int i = 0; i < k->length; i++) {
        if (begins[i]) g->start[g->count++] = i;
        g->block_of[i] = g->count - 1;
    }
    g->start[g->count] = k->length;
    free(begins);
}

// Predecessors in the reversed graph are followers; its edges run from each block to those that lead to it.
static void number_blocks(graph *g)
{
    int nodes = g->count + 1, *head = malloc(nodes * sizeof(int)), *link = malloc(2 * nodes * sizeof(int)), *stack = malloc(nodes * sizeof(int)), depth = 0;
    memset(head, -1, nodes * sizeof(int));
    for (int b = 0; b < g->count; b++) {
        int next[2], n = followers(g, b, next);
        for (int e = 0; e < n; e++) {
            link[2 * b + e] = head[next[e]];
            head[next[e]] = 2 * b + e;
        }
    }
    char *seen = calloc(nodes, 1);
    g->order = malloc(nodes * sizeof(int));
    g->number = malloc(nodes * sizeof(int));
    memset(g->number, -1, nodes * sizeof(int));
    seen[stack[depth++] = g->count] = 1;
    while (depth > 0) {
        int block = stack[depth - 1], edge = head[block];
        if (edge < 0) {
            g->number[block] = g->ordered;
            g->order[g->ordered++] = block;
            depth--;
            continue;
        }
        head[block] = link[edge];
        if (!seen[edge / 2]) seen[stack[depth++] = edge / 2] = 1;
    }
    free(head);
    free(link);
    free(stack);
    free(seen);
}

static int common(const graph *g, int a, int b)
{
    while (a != b) {
        while (g->number[a] < g->number[b]) a = g->dominator[a];
        while (g->number[b] < g->number[a]) b = g->dominator[b];
    }
    return a;
}

void ptx_find_meetings(kernel *k)
{
    graph g = { .made = k };
    cut(&g);
    number_blocks(&g);
    g.dominator = malloc((g.count + 1) * sizeof *g.dominator);
    memset(g.dominator, -1, (g.count + 1) * sizeof *g.dominator);
    g.dominator[g.count] = g.count;
    for (bool changed = true; changed;) {
        changed = false;
        for (int o = g.ordered - 2; o >= 0; o--) {
            int block = g.order[o], next[2], n = followers(&g, block, next), found = -1;
            for (int e = 0; e < n; e++)
                if (g.number[next[e]] >= 0 && g.dominator[next[e]] >= 0) found = found < 0 ? next[e] : common(&g, found, next[e]);
            if (found != g.dominator[block]) {
                g.dominator[block] = found;
                changed = true;
            }
        }
    }
    for (int b = 0; b < g.count; b++) {
        instruction *last = k->code + g.start[b + 1] - 1;
        if (last->operation == BRANCH) last->meeting = g.dominator[b] < 0 ? k->length : g.start[g.dominator[b]];
    }
    free(g.start);
    free(g.block_of);
    free(g.order);
    free(g.number);
    free(g.dominator);
}
