// cuBLASLt as plain loops on host memory. With -DVENDOR_HEADERS the signatures are checked against cublasLt.h.
#include "numbers.h"
#include <stdlib.h>

#ifdef VENDOR_HEADERS
#include <cublasLt.h>
#else
#include <stddef.h>
typedef int cublasStatus_t, cublasComputeType_t, cudaDataType_t, cudaDataType;
typedef int cublasLtMatmulDescAttributes_t, cublasLtMatrixLayoutAttribute_t, cublasLtMatmulPreferenceAttributes_t;
typedef void *cublasLtHandle_t, *cublasLtMatmulDesc_t, *cublasLtMatrixLayout_t, *cublasLtMatmulPreference_t, *cudaStream_t;
typedef struct { uint64_t data[8]; } cublasLtMatmulAlgo_t;
typedef struct { cublasLtMatmulAlgo_t algo; size_t workspaceSize; int state; float wavesCount; int reserved[4]; } cublasLtMatmulHeuristicResult_t;
#endif

#ifndef LIBRARY_VERSION
#define LIBRARY_VERSION 120603
#endif

enum { INVALID = 7, UNSUPPORTED = 15, FLOAT32 = 0, HALF = 2, BFLOAT = 14, RELU = 2, BIAS = 4 };
static const uint64_t MAGIC = 0x5EED;

typedef struct { int compute, scale, op_first, op_second, epilogue, bias_type; const void *bias; } description;
typedef struct { int type; uint64_t rows, columns; int64_t ld, step; int batches; } layout;
typedef struct { uint64_t workspace; uint32_t alignment[4]; } preference;

static int searches, lives, last_compute, last_type;
int fakeSearches(void) { return searches; }
int fakeLastCompute(void) { return last_compute; }
int fakeLastType(void) { return last_type; }
int fakeLiveObjects(void) { return lives; }
static void *make(const void *content, size_t size) { lives++; return memcpy(malloc(size), content, size); }
static cublasStatus_t drop(void *object) { lives--; free(object); return 0; }

size_t cublasLtGetVersion(void) { return LIBRARY_VERSION; }
cublasStatus_t cublasLtCreate(cublasLtHandle_t *handle) { int one = 1; *handle = make(&one, sizeof one); return 0; }
cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) { return drop(handle); }

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *created, cublasComputeType_t compute, cudaDataType_t scale)
{
    description d = {compute, scale, 0, 0, 1, -1, NULL};
    *created = make(&d, sizeof d);
    return scale == FLOAT32 && (compute == 68 || compute == 77) ? 0 : INVALID;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t object) { return drop(object); }
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t object, cublasLtMatmulDescAttributes_t attribute, const void *value, size_t bytes)
{
    description *d = (description *)object;
    int *field = attribute == 3 ? &d->op_first : attribute == 4 ? &d->op_second : attribute == 7 ? &d->epilogue : attribute == 26 ? &d->bias_type : NULL;
    if (attribute == 8 && bytes == sizeof d->bias) { memcpy(&d->bias, value, bytes); return 0; }
    if (!field || bytes != sizeof *field) return INVALID;
    memcpy(field, value, bytes);
    return 0;
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *created, cudaDataType type, uint64_t rows, uint64_t columns, int64_t ld)
{
    layout l = {type, rows, columns, ld, 0, 1};
    *created = make(&l, sizeof l);
    return rows && columns && ld >= (int64_t)rows ? 0 : INVALID;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t object) { return drop(object); }
cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t object, cublasLtMatrixLayoutAttribute_t attribute, const void *value, size_t bytes)
{
    layout *l = (layout *)object;
    if (attribute == 5 && bytes == 4) { memcpy(&l->batches, value, 4); return 0; }
    if (attribute == 6 && bytes == 8) { memcpy(&l->step, value, 8); return 0; }
    return INVALID;
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *created)
{
    preference p = {0, {256, 256, 256, 256}};
    *created = make(&p, sizeof p);
    return 0;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t object) { return drop(object); }
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t object, cublasLtMatmulPreferenceAttributes_t attribute, const void *value, size_t bytes)
{
    preference *p = (preference *)object;
    if (attribute == 1 && bytes == 8) { memcpy(&p->workspace, value, 8); return 0; }
    if (attribute >= 5 && attribute <= 8 && bytes == 4) { memcpy(&p->alignment[attribute - 5], value, 4); return 0; }
    return INVALID;
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation, cublasLtMatrixLayout_t first, cublasLtMatrixLayout_t second,
    cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d, cublasLtMatmulPreference_t preferred, int wanted, cublasLtMatmulHeuristicResult_t results[], int *found)
{
    description *o = (description *)operation;
    layout *f = (layout *)first, *s = (layout *)second, *r = (layout *)d;
    preference *p = (preference *)preferred;
    searches++;
    *found = 0;
    if (!handle || c != d || wanted != 1) return INVALID;
    uint64_t inner = o->op_first ? f->rows : f->columns;
    if ((o->op_first ? f->columns : f->rows) != r->rows || (o->op_second ? s->rows : s->columns) != r->columns || (o->op_second ? s->columns : s->rows) != inner) return INVALID;
    if ((o->epilogue & BIAS) && (!o->bias || o->bias_type != r->type)) return INVALID;
    if (inner == 13) return UNSUPPORTED; // one length that it cannot do
    if (inner == 17) return 0;           // and one for which it knows no algorithm
    memset(results, 0, sizeof *results);
    for (int i = 0; i < 4; i++) results->algo.data[i] = p->alignment[i];
    results->algo.data[7] = MAGIC;
    results->workspaceSize = p->workspace;
    *found = 1;
    return 0;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation, const void *alpha, const void *a, cublasLtMatrixLayout_t first, const void *b, cublasLtMatrixLayout_t second,
    const void *beta, const void *c, cublasLtMatrixLayout_t cLayout, void *d, cublasLtMatrixLayout_t dLayout, const cublasLtMatmulAlgo_t *algorithm, void *workspace, size_t workspaceBytes, cudaStream_t stream)
{
    description *o = (description *)operation;
    layout *f = (layout *)first, *s = (layout *)second, *r = (layout *)dLayout;
    const uintptr_t operands[4] = {(uintptr_t)a, (uintptr_t)b, (uintptr_t)c, (uintptr_t)d};
    if (!handle || !stream || !workspace || !workspaceBytes || c != d || cLayout != dLayout || algorithm->data[7] != MAGIC) return INVALID;
    for (int i = 0; i < 4; i++) if (operands[i] % algorithm->data[i]) return INVALID;
    after_stream(stream);
    last_compute = o->compute;
    last_type = f->type;
    if (f->type != s->type || (o->compute == 77 && f->type)) return INVALID;
    int half = r->type == HALF, bfloat = r->type == BFLOAT, half_in = f->type == HALF, bfloat_in = f->type == BFLOAT, inner = (int)(o->op_first ? f->rows : f->columns);
    for (int batch = 0; batch < r->batches; batch++)
    for (uint64_t column = 0; column < r->columns; column++)
    for (uint64_t row = 0; row < r->rows; row++)
    {
        double sum = 0;
        for (int i = 0; i < inner; i++)
        {
            int64_t at = batch * f->step + (o->op_first ? i + (int64_t)row * f->ld : (int64_t)row + i * f->ld);
            int64_t other = batch * s->step + (o->op_second ? (int64_t)column + i * s->ld : i + (int64_t)column * s->ld);
            sum += (double)load_element(a, at, half_in, bfloat_in) * load_element(b, other, half_in, bfloat_in);
        }
        int64_t to = batch * r->step + (int64_t)row + (int64_t)column * r->ld;
        double value = *(const float *)alpha * sum;
        if (*(const float *)beta != 0) value += *(const float *)beta * (double)load_element(d, to, half, bfloat);
        if (o->epilogue & BIAS) value += load_element(o->bias, row, half, bfloat);
        if ((o->epilogue & RELU) && value < 0) value = 0;
        store_element(d, to, (float)value, half, bfloat);
    }
    return 0;
}
