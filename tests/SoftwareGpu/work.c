// Streams of work: what is queued, and how it is run when somebody waits.
#include "driver.h"

pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
context contexts[MOST_CONTEXTS];
stream legacy[MOST_CONTEXTS], *streams;
_Thread_local context *stack[64];
_Thread_local int depth;
failure last_failure;
int failing_launch;
const char *profile_file;
static int launches;
static double now;

context *current_context(void) { return depth ? stack[depth - 1] : NULL; }

void append(list *to, work w)
{
    if (to->count == to->room) to->items = realloc(to->items, (to->room = 2 * to->room + 16) * sizeof *to->items);
    to->items[to->count++] = w;
}

static bool within(uintptr_t address, size_t bytes)
{
    allocation *home = memory_find(address);
    return home == NULL || address - home->start + bytes <= home->bytes;
}

// A line a kernel.
static struct { char name[128]; const kernel *of; profile counts; } profiles[256];
static int profile_count;

void write_profiles(void)
{
    FILE *file = fopen(profile_file, "w");
    if (file == NULL) return;
    fprintf(file, "kernel\tlaunches\twarp instructions\tglobal bytes asked for\tglobal bytes moved\tshared turns\tshared turns without conflicts\n");
    for (int i = 0; i < profile_count; i++) {
        const profile *p = &profiles[i].counts;
        fprintf(file, "%s\t%llu\t%llu\t%llu\t%llu\t%u\t%u\n", profiles[i].name, (unsigned long long)p->launches, (unsigned long long)p->instructions,
            (unsigned long long)p->global_bytes, (unsigned long long)p->global_sectors * 32, p->shared_turns, p->shared_ideal);
    }
    fclose(file);
}

static profile *profile_of(const kernel *k)
{
    if (profile_file == NULL) return NULL;
    int at = profile_count;
    while (at > 0 && profiles[at - 1].of != k) at--;
    if (at == 0) {
        if (profile_count == (int)(sizeof profiles / sizeof *profiles)) return NULL;
        at = ++profile_count;
        profiles[at - 1].of = k;
        snprintf(profiles[at - 1].name, sizeof profiles->name, "%s", k->name);
    }
    profiles[at - 1].counts.launches++;
    return &profiles[at - 1].counts;
}

static void perform(stream *s, work *w)
{
    failure why = { "" };
    switch (w->kind) {
    case COPY:
        if (!within(w->target, w->bytes) || !within(w->source, w->bytes)) snprintf(why.text, sizeof why.text, "a copy of %zu bytes leaves its allocation", w->bytes);
        else {
            memmove((void *)w->target, (void *)w->source, w->bytes);
            memory_written(w->target, w->bytes);
        }
        break;
    case FILL:
        if (!is_device(w->target) || !within(w->target, w->bytes)) snprintf(why.text, sizeof why.text, "a fill of %zu bytes leaves its allocation", w->bytes);
        else {
            for (size_t i = 0; i < w->bytes; i += w->width) memcpy((char *)w->target + i, &w->pattern, w->width);
            memory_written(w->target, w->bytes);
        }
        break;
    case LAUNCH:
        if (++launches == failing_launch) snprintf(why.text, sizeof why.text, "launch %d, of %s, fails as it was told to", launches, w->kernel->name);
        else ptx_run(w->kernel, w->grid, w->block, w->parameters, profile_of(w->kernel), &why);
        break;
    case RELEASE: memory_free(w->target); break;
    case MARK:
        w->event->time = now;
        w->event->done = w->generation;
        return;
    case WAIT: if (w->event->done < w->generation && w->event->stream != s) drain(w->event->stream); return;
    }
    now += 2.5;
    if (*why.text) {
        fprintf(stderr, "software GPU: %s\n", why.text);
        last_failure = why;
        s->home->failed = LAUNCH_FAILED;
    }
}

// Runs what waits in the stream. A host function may queue more, which comes behind.
void drain(stream *s)
{
    if (s->draining) return;
    s->draining = 1;
    for (int i = 0; i < s->waiting.count; i++) {
        work w = s->waiting.items[i];
        if (!s->home->failed) perform(s, &w);
        free(w.held);
    }
    s->waiting.count = 0;
    s->draining = 0;
}

void drain_context(context *c)
{
    drain(&legacy[c - contexts]);
    for (stream *s = streams; s; s = s->other)
        if (s->home == c) drain(s);
}

stream *resolve(CUstream given) { return given ? (stream *)given : &legacy[current_context() - contexts]; }

CUresult queue(CUstream given, work w)
{
    stream *s = resolve(given);
    if (s->home != current_context() && given) return INVALID_CONTEXT;
    if (s->capturing == INVALIDATED) return CAPTURE_INVALIDATED;
    append(s->capturing ? &s->taped : &s->waiting, w);
    return SUCCESS;
}

CUresult outside_capture(void)
{
    for (stream *s = streams; s; s = s->other)
        if (s->capturing && pthread_equal(s->by, pthread_self())) {
            s->capturing = INVALIDATED;
            return CAPTURE_UNSUPPORTED;
        }
    return SUCCESS;
}
