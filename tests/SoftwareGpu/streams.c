// Streams, events, and graphs of what a stream records, as cuda.h declares them.
#include "driver.h"

CUresult cuStreamCreate(CUstream *made, unsigned flags)
{
    IN_CONTEXT
    // Only streams that do not wait for the legacy one.
    if (flags != 1) return INVALID_VALUE;
    stream *s = calloc(1, sizeof *s);
    s->home = current;
    s->other = streams;
    streams = s;
    *made = (CUstream)s;
    return SUCCESS;
}
CUresult NAME(cuStreamDestroy, cuStreamDestroy_v2)(CUstream which)
{
    IN_CONTEXT
    stream *s = (stream *)which;
    drain(s);
    for (stream **at = &streams; *at; at = &(*at)->other)
        if (*at == s) {
            *at = s->other;
            break;
        }
    free(s->waiting.items);
    free(s->taped.items);
    free(s);
    return SUCCESS;
}
CUresult cuStreamSynchronize(CUstream which)
{
    IN_CONTEXT
    OUTSIDE_CAPTURE;
    drain(resolve(which));
    return current->failed;
}
CUresult cuStreamWaitEvent(CUstream which, CUevent given, unsigned flags)
{
    IN_CONTEXT
    event *e = (event *)given;
    return e == NULL || flags ? INVALID_VALUE : queue(which, (work){ .kind = WAIT, .event = e, .generation = e->asked });
}

CUresult cuEventCreate(CUevent *made, unsigned flags)
{
    IN_CONTEXT
    (void)flags;
    event *e = calloc(1, sizeof *e);
    e->home = current;
    *made = (CUevent)e;
    return SUCCESS;
}
CUresult NAME(cuEventDestroy, cuEventDestroy_v2)(CUevent which)
{
    ENTER
    event *e = (event *)which;
    if (e->done < e->asked) drain(e->stream);
    free(e);
    return SUCCESS;
}
CUresult cuEventRecord(CUevent which, CUstream stream)
{
    IN_CONTEXT
    event *e = (event *)which;
    if (e->home != resolve(stream)->home) return INVALID_HANDLE;
    e->stream = resolve(stream);
    e->asked++;
    return queue(stream, (work){ .kind = MARK, .event = e, .generation = e->asked });
}
CUresult cuEventSynchronize(CUevent which)
{
    ENTER
    event *e = (event *)which;
    if (e == NULL) return INVALID_VALUE;
    OUTSIDE_CAPTURE;
    if (e->done == e->asked) return SUCCESS;
    drain(e->stream);
    return e->stream->home->failed;
}
CUresult cuEventQuery(CUevent which)
{
    ENTER
    event *e = (event *)which;
    OUTSIDE_CAPTURE;
    if (e->asked && e->done == e->asked) return SUCCESS;
    // Time passes for those who ask again and again.
    if (e->asked) drain(e->stream);
    return NOT_READY;
}
CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end)
{
    ENTER
    event *s = (event *)start, *e = (event *)end;
    if (!s->asked || !e->asked) return INVALID_HANDLE;
    if (s->done < s->asked || e->done < e->asked) return NOT_READY;
    *milliseconds = (float)(e->time - s->time);
    return SUCCESS;
}

CUresult cuStreamBeginCapture_v2(CUstream which, CUstreamCaptureMode mode)
{
    IN_CONTEXT
    stream *s = (stream *)which;
    if (s == NULL || s->capturing || mode != 1) return CAPTURE_UNSUPPORTED;
    s->capturing = CAPTURING;
    s->by = pthread_self();
    s->taped.count = 0;
    return SUCCESS;
}
CUresult cuStreamEndCapture(CUstream which, CUgraph *made)
{
    IN_CONTEXT
    stream *s = (stream *)which;
    int state = s->capturing;
    s->capturing = NOT_CAPTURING;
    *made = NULL;
    if (state != CAPTURING) return state ? CAPTURE_INVALIDATED : CAPTURE_UNMATCHED;
    graph *g = calloc(1, sizeof *g);
    g->taped = s->taped;
    s->taped = (list){ NULL, 0, 0 };
    *made = (CUgraph)g;
    return SUCCESS;
}
CUresult cuStreamIsCapturing(CUstream which, CUstreamCaptureStatus *status) { ENTER *status = ((stream *)which)->capturing; return SUCCESS; }

static work copy_of(work w)
{
    if (w.parameters) w.held = w.parameters = memcpy(malloc(w.bytes), w.parameters, w.bytes);
    return w;
}
static void assign(list *to, const list *from)
{
    for (int i = 0; i < to->count; i++) free(to->items[i].held);
    to->count = 0;
    for (int i = 0; i < from->count; i++) append(to, copy_of(from->items[i]));
}
CUresult cuGraphInstantiateWithFlags(CUgraphExec *made, CUgraph from, unsigned long long flags)
{
    ENTER
    graph *g = calloc(1, sizeof *g);
    assign(&g->taped, &((graph *)from)->taped);
    *made = (CUgraphExec)g;
    return flags ? INVALID_VALUE : SUCCESS;
}
CUresult cuGraphLaunch(CUgraphExec which, CUstream stream)
{
    IN_CONTEXT
    list *taped = &((graph *)which)->taped;
    for (int i = 0; i < taped->count; i++) {
        CUresult result = queue(stream, copy_of(taped->items[i]));
        if (result) return result;
    }
    return SUCCESS;
}
#ifndef WITHOUT_GRAPH_UPDATE
CUresult NAME(cuGraphExecUpdate, cuGraphExecUpdate_v2)(CUgraphExec which, CUgraph from, CUgraphExecUpdateResultInfo *info)
{
    ENTER
    list *old = &((graph *)which)->taped, *fresh = &((graph *)from)->taped;
    info->result = old->count == fresh->count ? 0 : 2;
    info->errorNode = info->errorFromNode = NULL;
    if (info->result) return UPDATE_FAILURE;
    assign(old, fresh);
    return SUCCESS;
}
#endif
static CUresult destroy(graph *g) { assign(&g->taped, &(list){ NULL, 0, 0 }); free(g->taped.items); free(g); return SUCCESS; }
CUresult cuGraphExecDestroy(CUgraphExec which) { ENTER return destroy((graph *)which); }
CUresult cuGraphDestroy(CUgraph which) { ENTER return destroy((graph *)which); }
