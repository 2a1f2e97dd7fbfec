// cuDNN as plain loops on host memory. With -DVENDOR_HEADERS the signatures are checked against those of cuDNN 9.
#include <math.h>
#include <stdlib.h>
#include "numbers.h"

#ifdef VENDOR_HEADERS
#include <cudnn.h>
#else
#include <stddef.h>
typedef int cudnnStatus_t, cudnnTensorFormat_t, cudnnDataType_t, cudnnConvolutionMode_t, cudnnMathType_t, cudnnNanPropagation_t, cudnnActivationMode_t, cudnnPoolingMode_t, cudnnBatchNormMode_t;
typedef int cudnnConvolutionFwdAlgo_t, cudnnConvolutionBwdDataAlgo_t, cudnnConvolutionBwdFilterAlgo_t;
typedef void *cudnnHandle_t, *cudaStream_t, *cudnnTensorDescriptor_t, *cudnnFilterDescriptor_t, *cudnnConvolutionDescriptor_t, *cudnnActivationDescriptor_t, *cudnnPoolingDescriptor_t;
typedef struct { int algo, status; float time; size_t memory; int determinism, mathType, reserved[3]; } cudnnConvolutionFwdAlgoPerf_t, cudnnConvolutionBwdDataAlgoPerf_t, cudnnConvolutionBwdFilterAlgoPerf_t;
#endif

#ifndef LIBRARY_VERSION
#define LIBRARY_VERSION 90600
#endif

enum { BAD_PARAM = 2000, UNSUPPORTED_SHAPE = 3002, EXECUTION_FAILED = 5000, HALF = 2, BFLOAT = 9, FMA = 3, TENSOR_OP = 1 };
// The algorithm's number is the only one its direction accepts; tensor cores have their own.
enum { STRICT_ALGORITHM = 1, TENSOR_ALGORITHM = 4 };

typedef struct { int type, n, c, h, w; } tensor;
typedef struct { int pad_h, pad_w, stride_h, stride_w, dilation_h, dilation_w, groups, math; } convolution;
typedef struct { int mode, nan, window_h, window_w, pad_h, pad_w, stride_h, stride_w; } pooling;
typedef struct { void *stream; } handle;

static int searches, fusions, last_type;
int fakeSearches(void) { return searches; }
int fakeLastType(void) { return last_type; }
int fakeFusions(void) { return fusions; }

size_t cudnnGetVersion(void) { return LIBRARY_VERSION; }
cudnnStatus_t cudnnCreate(cudnnHandle_t *created) { *created = calloc(1, sizeof(handle)); return 0; }
cudnnStatus_t cudnnDestroy(cudnnHandle_t object) { free(object); return 0; }
cudnnStatus_t cudnnSetStream(cudnnHandle_t object, cudaStream_t stream) { ((handle *)object)->stream = stream; return 0; }
static int ready(cudnnHandle_t object)
{
    if (!object || !((handle *)object)->stream) return 0;
    after_stream(((handle *)object)->stream);
    return 1;
}

cudnnStatus_t cudnnCreateTensorDescriptor(cudnnTensorDescriptor_t *created) { *created = calloc(1, sizeof(tensor)); return 0; }
cudnnStatus_t cudnnDestroyTensorDescriptor(cudnnTensorDescriptor_t object) { free(object); return 0; }
cudnnStatus_t cudnnSetTensor4dDescriptor(cudnnTensorDescriptor_t object, cudnnTensorFormat_t format, cudnnDataType_t type, int n, int c, int h, int w)
{
    *(tensor *)object = (tensor){type, n, c, h, w};
    return format == 0 && n > 0 && c > 0 && h > 0 && w > 0 ? 0 : BAD_PARAM;
}
cudnnStatus_t cudnnCreateFilterDescriptor(cudnnFilterDescriptor_t *created) { *created = calloc(1, sizeof(tensor)); return 0; }
cudnnStatus_t cudnnDestroyFilterDescriptor(cudnnFilterDescriptor_t object) { free(object); return 0; }
cudnnStatus_t cudnnSetFilter4dDescriptor(cudnnFilterDescriptor_t object, cudnnDataType_t type, cudnnTensorFormat_t format, int k, int c, int h, int w)
{
    *(tensor *)object = (tensor){type, k, c, h, w};
    return format == 0 ? 0 : BAD_PARAM;
}
cudnnStatus_t cudnnCreateActivationDescriptor(cudnnActivationDescriptor_t *created) { *created = calloc(1, sizeof(int)); return 0; }
cudnnStatus_t cudnnDestroyActivationDescriptor(cudnnActivationDescriptor_t object) { free(object); return 0; }
cudnnStatus_t cudnnSetActivationDescriptor(cudnnActivationDescriptor_t object, cudnnActivationMode_t mode, cudnnNanPropagation_t nan, double coefficient)
{
    *(int *)object = nan;
    return mode == 1 && coefficient == 0 ? 0 : BAD_PARAM;
}
cudnnStatus_t cudnnCreateConvolutionDescriptor(cudnnConvolutionDescriptor_t *created) { *created = calloc(1, sizeof(convolution)); return 0; }
cudnnStatus_t cudnnDestroyConvolutionDescriptor(cudnnConvolutionDescriptor_t object) { free(object); return 0; }
cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnConvolutionDescriptor_t object, int pad_h, int pad_w, int u, int v, int dilation_h, int dilation_w, cudnnConvolutionMode_t mode, cudnnDataType_t compute)
{
    *(convolution *)object = (convolution){pad_h, pad_w, u, v, dilation_h, dilation_w, 1, 0};
    return mode == 1 && compute == 0 ? 0 : BAD_PARAM;
}
cudnnStatus_t cudnnSetConvolutionGroupCount(cudnnConvolutionDescriptor_t object, int groups) { ((convolution *)object)->groups = groups; return 0; }
cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t object, cudnnMathType_t math) { ((convolution *)object)->math = math; return 0; }

// Best first: one that needs more memory than there is, tensor cores, one that fails, and plain arithmetic.
static cudnnStatus_t offers(cudnnHandle_t h, const tensor *x, const tensor *w, const convolution *g, const tensor *y, int wanted, int *found, cudnnConvolutionFwdAlgoPerf_t *results)
{
    searches++;
    *found = 0;
    if (!ready(h) || wanted < 4) return BAD_PARAM;
    if (x->n != y->n || w->n != y->c || w->c * g->groups != x->c
        || y->h != (x->h + 2 * g->pad_h - g->dilation_h * (w->h - 1) - 1) / g->stride_h + 1
        || y->w != (x->w + 2 * g->pad_w - g->dilation_w * (w->w - 1) - 1) / g->stride_w + 1) return BAD_PARAM;
    if (g->groups == 3) return UNSUPPORTED_SHAPE; // one case that it cannot do
    if (g->stride_h == 3 && g->stride_w == 3) return 0; // and one for which it has no algorithm
    memset(results, 0, 4 * sizeof *results);
    results[0].algo = 5, results[0].memory = (size_t)1 << 40, results[0].mathType = g->math;
    results[1].algo = TENSOR_ALGORITHM, results[1].memory = 1024, results[1].mathType = TENSOR_OP;
    results[2].algo = 2, results[2].status = UNSUPPORTED_SHAPE, results[2].mathType = g->math;
    results[3].algo = STRICT_ALGORITHM, results[3].memory = 1024, results[3].mathType = g->math;
    *found = 4;
    return 0;
}
cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(cudnnHandle_t h, const cudnnTensorDescriptor_t x, const cudnnFilterDescriptor_t w, const cudnnConvolutionDescriptor_t g, const cudnnTensorDescriptor_t y,
    const int wanted, int *found, cudnnConvolutionFwdAlgoPerf_t *results)
{
    return offers(h, (tensor *)x, (tensor *)w, (convolution *)g, (tensor *)y, wanted, found, results);
}
cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithm_v7(cudnnHandle_t h, const cudnnFilterDescriptor_t w, const cudnnTensorDescriptor_t dy, const cudnnConvolutionDescriptor_t g, const cudnnTensorDescriptor_t dx,
    const int wanted, int *found, cudnnConvolutionBwdDataAlgoPerf_t *results)
{
    return offers(h, (tensor *)dx, (tensor *)w, (convolution *)g, (tensor *)dy, wanted, found, (cudnnConvolutionFwdAlgoPerf_t *)results);
}
cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithm_v7(cudnnHandle_t h, const cudnnTensorDescriptor_t x, const cudnnTensorDescriptor_t dy, const cudnnConvolutionDescriptor_t g, const cudnnFilterDescriptor_t dw,
    const int wanted, int *found, cudnnConvolutionBwdFilterAlgoPerf_t *results)
{
    return offers(h, (tensor *)x, (tensor *)dw, (convolution *)g, (tensor *)dy, wanted, found, (cudnnConvolutionFwdAlgoPerf_t *)results);
}

static float load(const tensor *t, const void *data, int64_t at) { return load_element(data, at, t->type == HALF, t->type == BFLOAT); }
static void save(const tensor *t, void *data, int64_t at, double value) { store_element(data, at, (float)value, t->type == HALF, t->type == BFLOAT); }
static int64_t size(const tensor *t) { return (int64_t)t->n * t->c * t->h * t->w; }
static int scales(const void *alpha, const void *beta) { return *(const float *)alpha == 1 && *(const float *)beta == 0; }

// Adds every product of the convolution to the sum it belongs to; the target's data is read by nobody.
static void walk(const tensor *x, const tensor *w, const convolution *g, const tensor *y, const void *xd, const void *wd, const void *yd, double *xs, double *ws, double *ys)
{
    int per_group = w->n / g->groups;
    last_type = x->type == w->type && w->type == y->type ? x->type : -1;
    for (int n = 0; n < y->n; n++) for (int k = 0; k < y->c; k++) for (int p = 0; p < y->h; p++) for (int q = 0; q < y->w; q++)
    for (int c = 0; c < w->c; c++) for (int r = 0; r < w->h; r++) for (int s = 0; s < w->w; s++)
    {
        int h = p * g->stride_h - g->pad_h + r * g->dilation_h, v = q * g->stride_w - g->pad_w + s * g->dilation_w;
        if (h < 0 || h >= x->h || v < 0 || v >= x->w) continue;
        int64_t xi = (((int64_t)n * x->c + k / per_group * w->c + c) * x->h + h) * x->w + v;
        int64_t wi = (((int64_t)k * w->c + c) * w->h + r) * w->w + s, yi = (((int64_t)n * y->c + k) * y->h + p) * y->w + q;
        if (ys) ys[yi] += (double)load(x, xd, xi) * load(w, wd, wi);
        if (xs) xs[xi] += (double)load(y, yd, yi) * load(w, wd, wi);
        if (ws) ws[wi] += (double)load(x, xd, xi) * load(y, yd, yi);
    }
}
static cudnnStatus_t may_run(cudnnHandle_t h, const convolution *g, int algorithm, const void *workspace, size_t bytes)
{
    if (!ready(h) || !workspace || bytes < 1024) return BAD_PARAM;
    return (algorithm == STRICT_ALGORITHM && g->math == FMA) || (algorithm == TENSOR_ALGORITHM && g->math == TENSOR_OP) ? 0 : EXECUTION_FAILED;
}
static double *zeros(const tensor *t) { return calloc(size(t), sizeof(double)); }
static void keep(const tensor *t, double *sums, void *data)
{
    for (int64_t i = 0; i < size(t); i++) save(t, data, i, sums[i]);
    free(sums);
}

cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t h, const void *alpha, const cudnnTensorDescriptor_t x, const void *xd, const cudnnFilterDescriptor_t w, const void *wd, const cudnnConvolutionDescriptor_t g,
    cudnnConvolutionFwdAlgo_t algorithm, void *workspace, size_t bytes, const void *beta, const cudnnTensorDescriptor_t y, void *yd)
{
    cudnnStatus_t status = may_run(h, (convolution *)g, algorithm, workspace, bytes);
    if (status || !scales(alpha, beta)) return status ? status : BAD_PARAM;
    double *sums = zeros((tensor *)y);
    walk((tensor *)x, (tensor *)w, (convolution *)g, (tensor *)y, xd, wd, NULL, NULL, NULL, sums);
    keep((tensor *)y, sums, yd);
    return 0;
}
cudnnStatus_t cudnnConvolutionBackwardData(cudnnHandle_t h, const void *alpha, const cudnnFilterDescriptor_t w, const void *wd, const cudnnTensorDescriptor_t dy, const void *dyd, const cudnnConvolutionDescriptor_t g,
    cudnnConvolutionBwdDataAlgo_t algorithm, void *workspace, size_t bytes, const void *beta, const cudnnTensorDescriptor_t dx, void *dxd)
{
    cudnnStatus_t status = may_run(h, (convolution *)g, algorithm, workspace, bytes);
    if (status || !scales(alpha, beta)) return status ? status : BAD_PARAM;
    double *sums = zeros((tensor *)dx);
    walk((tensor *)dx, (tensor *)w, (convolution *)g, (tensor *)dy, NULL, wd, dyd, sums, NULL, NULL);
    keep((tensor *)dx, sums, dxd);
    return 0;
}
cudnnStatus_t cudnnConvolutionBackwardFilter(cudnnHandle_t h, const void *alpha, const cudnnTensorDescriptor_t x, const void *xd, const cudnnTensorDescriptor_t dy, const void *dyd, const cudnnConvolutionDescriptor_t g,
    cudnnConvolutionBwdFilterAlgo_t algorithm, void *workspace, size_t bytes, const void *beta, const cudnnFilterDescriptor_t dw, void *dwd)
{
    cudnnStatus_t status = may_run(h, (convolution *)g, algorithm, workspace, bytes);
    if (status || !scales(alpha, beta)) return status ? status : BAD_PARAM;
    double *sums = zeros((tensor *)dw);
    walk((tensor *)x, (tensor *)dw, (convolution *)g, (tensor *)dy, xd, NULL, dyd, NULL, sums, NULL);
    keep((tensor *)dw, sums, dwd);
    return 0;
}
cudnnStatus_t cudnnConvolutionBackwardBias(cudnnHandle_t h, const void *alpha, const cudnnTensorDescriptor_t dy, const void *dyd, const void *beta, const cudnnTensorDescriptor_t db, void *dbd)
{
    const tensor *y = (tensor *)dy;
    if (!ready(h) || !scales(alpha, beta)) return BAD_PARAM;
    double *sums = zeros((tensor *)db);
    for (int64_t i = 0; i < size(y); i++) sums[i / (y->h * y->w) % y->c] += load(y, dyd, i);
    keep((tensor *)db, sums, dbd);
    return 0;
}
cudnnStatus_t cudnnAddTensor(cudnnHandle_t h, const void *alpha, const cudnnTensorDescriptor_t a, const void *ad, const void *beta, const cudnnTensorDescriptor_t c, void *cd)
{
    const tensor *t = (tensor *)c;
    if (!ready(h) || *(const float *)alpha != 1 || *(const float *)beta != 1 || ((tensor *)a)->c != t->c) return BAD_PARAM;
    for (int64_t i = 0; i < size(t); i++) save(t, cd, i, (double)load(t, cd, i) + load((tensor *)a, ad, i / (t->h * t->w) % t->c));
    return 0;
}
cudnnStatus_t cudnnActivationForward(cudnnHandle_t h, cudnnActivationDescriptor_t relu, const void *alpha, const cudnnTensorDescriptor_t x, const void *xd, const void *beta, const cudnnTensorDescriptor_t y, void *yd)
{
    if (!ready(h) || !relu || !scales(alpha, beta)) return BAD_PARAM;
    int keep_nan = *(int *)relu;
    for (int64_t i = 0; i < size((tensor *)x); i++) { float v = load((tensor *)x, xd, i); save((tensor *)y, yd, i, v > 0 || (keep_nan && v != v) ? v : 0); }
    return 0;
}
cudnnStatus_t cudnnConvolutionBiasActivationForward(cudnnHandle_t h, const void *alpha, const cudnnTensorDescriptor_t x, const void *xd, const cudnnFilterDescriptor_t w, const void *wd, const cudnnConvolutionDescriptor_t g,
    cudnnConvolutionFwdAlgo_t algorithm, void *workspace, size_t bytes, const void *alpha2, const cudnnTensorDescriptor_t z, const void *zd, const cudnnTensorDescriptor_t bias, const void *biasd,
    const cudnnActivationDescriptor_t relu, const cudnnTensorDescriptor_t y, void *yd)
{
    float one = 1, zero = 0;
    if (*(int *)relu) return BAD_PARAM; // no fused relu keeps NaN
    if (z != y || zd != yd || *(const float *)alpha2 != 0) return BAD_PARAM;
    if (((convolution *)g)->dilation_h > 1) return UNSUPPORTED_SHAPE; // fused only without dilation
    fusions++;
    cudnnStatus_t status = cudnnConvolutionForward(h, alpha, x, xd, w, wd, g, algorithm, workspace, bytes, &zero, y, yd);
    if (!status) status = cudnnAddTensor(h, &one, bias, biasd, &one, y, yd);
    return status ? status : cudnnActivationForward(h, relu, &one, y, yd, &zero, y, yd);
}

cudnnStatus_t cudnnCreatePoolingDescriptor(cudnnPoolingDescriptor_t *created) { *created = calloc(1, sizeof(pooling)); return 0; }
cudnnStatus_t cudnnDestroyPoolingDescriptor(cudnnPoolingDescriptor_t object) { free(object); return 0; }
cudnnStatus_t cudnnSetPooling2dDescriptor(cudnnPoolingDescriptor_t object, cudnnPoolingMode_t mode, cudnnNanPropagation_t nan, int window_h, int window_w, int pad_h, int pad_w, int stride_h, int stride_w)
{
    *(pooling *)object = (pooling){mode, nan, window_h, window_w, pad_h, pad_w, stride_h, stride_w};
    return nan == 1 && pad_h < window_h && pad_w < window_w ? 0 : BAD_PARAM;
}
static void pool(const pooling *g, const tensor *x, const tensor *y, const void *xd, void *yd, const void *dyd, double *dx)
{
    for (int64_t i = 0; i < size(y); i++)
    {
        int64_t plane = i / (y->h * y->w);
        int top = (int)(i / y->w % y->h) * g->stride_h - g->pad_h, left = (int)(i % y->w) * g->stride_w - g->pad_w, inside = 0;
        int64_t best = -1;
        double sum = 0, full = g->window_h * g->window_w;
        for (int pass = 0; pass < (dyd && g->mode ? 2 : 1); pass++)
        for (int h = top < 0 ? 0 : top; h < top + g->window_h && h < x->h; h++) for (int v = left < 0 ? 0 : left; v < left + g->window_w && v < x->w; v++)
        {
            int64_t at = (plane * x->h + h) * x->w + v;
            if (pass) { dx[at] += load(y, dyd, i) / (g->mode == 1 ? full : inside); continue; }
            inside++;
            sum += load(x, xd, at);
            if (best < 0 || load(x, xd, at) > load(x, xd, best)) best = at;
        }
        if (dyd && !g->mode) dx[best] += load(y, dyd, i);
        if (!dyd) save(y, yd, i, !g->mode ? load(x, xd, best) : sum / (g->mode == 1 ? full : inside));
    }
}
cudnnStatus_t cudnnPoolingForward(cudnnHandle_t h, const cudnnPoolingDescriptor_t g, const void *alpha, const cudnnTensorDescriptor_t x, const void *xd, const void *beta, const cudnnTensorDescriptor_t y, void *yd)
{
    if (!ready(h) || !scales(alpha, beta)) return BAD_PARAM;
    pool((pooling *)g, (tensor *)x, (tensor *)y, xd, yd, NULL, NULL);
    return 0;
}
cudnnStatus_t cudnnPoolingBackward(cudnnHandle_t h, const cudnnPoolingDescriptor_t g, const void *alpha, const cudnnTensorDescriptor_t y, const void *yd, const cudnnTensorDescriptor_t dy, const void *dyd,
    const cudnnTensorDescriptor_t x, const void *xd, const void *beta, const cudnnTensorDescriptor_t dx, void *dxd)
{
    if (!ready(h) || y != dy || !yd || !scales(alpha, beta)) return BAD_PARAM;
    double *sums = zeros((tensor *)dx);
    pool((pooling *)g, (tensor *)x, (tensor *)dy, xd, NULL, dyd, sums);
    keep((tensor *)dx, sums, dxd);
    return 0;
}

static int64_t place(const tensor *x, int c, int64_t i) { return (i / (x->h * x->w) * x->c + c) * x->h * x->w + i % (x->h * x->w); }
cudnnStatus_t cudnnBatchNormalizationForwardTraining(cudnnHandle_t h, cudnnBatchNormMode_t mode, const void *alpha, const void *beta, const cudnnTensorDescriptor_t xt, const void *x, const cudnnTensorDescriptor_t yt, void *y,
    const cudnnTensorDescriptor_t channels, const void *gamma, const void *shift, double factor, void *runningMean, void *runningVariance, double epsilon, void *savedMean, void *savedInverse)
{
    const tensor *t = (tensor *)xt;
    int64_t count = size(t) / t->c;
    if (!ready(h) || mode != 1 || xt != yt || ((tensor *)channels)->c != t->c || count < 2 || !scales(alpha, beta)) return BAD_PARAM;
    for (int c = 0; c < t->c; c++)
    {
        double mean = 0, variance = 0;
        for (int64_t i = 0; i < count; i++) mean += load(t, x, place(t, c, i)) / (double)count;
        for (int64_t i = 0; i < count; i++) variance += pow(load(t, x, place(t, c, i)) - mean, 2) / count;
        double inverse = 1 / sqrt(variance + epsilon);
        ((float *)savedMean)[c] = (float)mean;
        ((float *)savedInverse)[c] = (float)inverse;
        ((float *)runningMean)[c] = (float)((1 - factor) * ((float *)runningMean)[c] + factor * mean);
        ((float *)runningVariance)[c] = (float)((1 - factor) * ((float *)runningVariance)[c] + factor * variance * count / (count - 1));
        for (int64_t i = 0; i < count; i++) save(t, y, place(t, c, i), (load(t, x, place(t, c, i)) - mean) * inverse * ((float *)gamma)[c] + ((float *)shift)[c]);
    }
    return 0;
}
cudnnStatus_t cudnnBatchNormalizationBackward(cudnnHandle_t h, cudnnBatchNormMode_t mode, const void *alpha, const void *beta, const void *alphaParameters, const void *betaParameters, const cudnnTensorDescriptor_t xt, const void *x,
    const cudnnTensorDescriptor_t dyt, const void *dy, const cudnnTensorDescriptor_t dxt, void *dx, const cudnnTensorDescriptor_t channels, const void *gamma, void *dgamma, void *dshift, double epsilon, const void *savedMean, const void *savedInverse)
{
    const tensor *t = (tensor *)xt;
    int64_t count = size(t) / t->c;
    if (!ready(h) || mode != 1 || xt != dyt || xt != dxt || ((tensor *)channels)->c != t->c || epsilon < 0 || !scales(alpha, beta) || !scales(alphaParameters, betaParameters)) return BAD_PARAM;
    for (int c = 0; c < t->c; c++)
    {
        double mean = ((float *)savedMean)[c], inverse = ((float *)savedInverse)[c], sum = 0, dot = 0;
        for (int64_t i = 0; i < count; i++)
        {
            sum += load(t, dy, place(t, c, i));
            dot += load(t, dy, place(t, c, i)) * (load(t, x, place(t, c, i)) - mean) * inverse;
        }
        ((float *)dgamma)[c] = (float)dot;
        ((float *)dshift)[c] = (float)sum;
        for (int64_t i = 0; i < count; i++)
        {
            int64_t at = place(t, c, i);
            save(t, dx, at, ((float *)gamma)[c] * inverse * (load(t, dy, at) - sum / count - (load(t, x, at) - mean) * inverse * dot / count));
        }
    }
    return 0;
}
cudnnStatus_t cudnnBatchNormalizationForwardInference(cudnnHandle_t h, cudnnBatchNormMode_t mode, const void *alpha, const void *beta, const cudnnTensorDescriptor_t xt, const void *x, const cudnnTensorDescriptor_t yt, void *y,
    const cudnnTensorDescriptor_t channels, const void *gamma, const void *shift, const void *mean, const void *variance, double epsilon)
{
    const tensor *t = (tensor *)xt;
    if (!ready(h) || mode != 1 || xt != yt || !channels || !scales(alpha, beta)) return BAD_PARAM;
    for (int64_t i = 0; i < size(t); i++)
    {
        int c = (int)(i / (t->h * t->w) % t->c);
        save(t, y, i, (load(t, x, i) - ((float *)mean)[c]) / sqrt(((float *)variance)[c] + epsilon) * ((float *)gamma)[c] + ((float *)shift)[c]);
    }
    return 0;
}
