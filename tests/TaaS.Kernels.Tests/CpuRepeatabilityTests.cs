using TaaS.Kernels.Cpu;

namespace TaaS.Kernels.Tests;

/// <summary>What a training step relies on in reductions, softmax and normalisation: the same bits on any number of threads, and no garbage.</summary>
[Collection(CpuThreads.Name)]
public sealed class CpuRepeatabilityTests
{
    public static TheoryData<string> Families => new(Kernels.Keys);

    // Sizes that are cut into several parts, few results over many elements among them.
    private static Dictionary<string, Func<Case>> Kernels { get; } = new()
    {
        ["sum to channels"] = () => Reduction(ReduceOp.Sum, [16, 24, 19, 17], [1, 24, 1, 1]),
        ["sum to features"] = () => Reduction(ReduceOp.Sum, [311, 523], [1, 523]),
        ["sum to few features"] = () => Reduction(ReduceOp.Sum, [30_011, 10], [1, 10]),
        ["sum of middle axes"] = () => Reduction(ReduceOp.Sum, [7, 33, 29, 31], [7, 1, 1, 31]),
        ["mean of all"] = () => Reduction(ReduceOp.Mean, [500_009], [1]),
        ["max of rows"] = () => Reduction(ReduceOp.Max, [301, 517], [301, 1]),
        ["argmax"] = ArgMax,
        ["softmax"] = Softmaxes,
        ["cross-entropy"] = CrossEntropy,
        ["batch normalisation"] = Batch,
        ["layer normalisation"] = Layer,
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void Kernels_OtherThreadCounts_SameBits(string family)
    {
        var test = Kernels[family]();
        var expected = Bits(test, threads: 1);
        foreach (var threads in new[] { 2, 3, 8 })
        {
            Assert.Equal(expected, Bits(test, threads));
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Kernels_SteadyState_AllocateNothing(string family)
    {
        Assert.Equal(0, SteadyState.AllocatedBytes(Kernels[family]().Run));
    }

    private static int[] Bits(Case test, int threads)
    {
        foreach (var result in test.Results)
        {
            ((HostBuffer)result.Buffer).Bytes.Fill(0x7B);
        }

        CpuThreads.With(threads, test.Run);
        return [.. test.Results.SelectMany(result => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(((HostBuffer)result.Buffer).Bytes).ToArray())];
    }

    private static Case Reduction(ReduceOp op, int[] from, int[] to)
    {
        View x = CpuMatrixTests.Filled(from, 1), y = CpuMatrixTests.Filled(to, 2);
        return new(() => CpuDevice.Instance.Reduction.Reduce(op, x, y), y);
    }

    private static Case ArgMax()
    {
        View x = CpuMatrixTests.Filled([401, 307], 1), y = Integers(401);
        return new(() => CpuDevice.Instance.Reduction.ArgMax(x, 1, y), y);
    }

    private static Case Softmaxes()
    {
        int[] shape = [203, 517];
        View x = CpuMatrixTests.Filled(shape, 1), dy = CpuMatrixTests.Filled(shape, 2);
        View y = CpuMatrixTests.Filled(shape, 3), dx = CpuMatrixTests.Filled(shape, 4), log = CpuMatrixTests.Filled(shape, 5), dlog = CpuMatrixTests.Filled(shape, 6);
        var kernels = CpuDevice.Instance.Softmax;
        return new(
            () =>
            {
                kernels.Softmax(x, y);
                kernels.SoftmaxBackward(y, dy, dx);
                kernels.LogSoftmax(x, log);
                kernels.LogSoftmaxBackward(log, dy, dlog);
            },
            y,
            dx,
            log,
            dlog);
    }

    private static Case CrossEntropy()
    {
        View logits = CpuMatrixTests.Filled([5003, 11], 1), labels = Integers(5003), loss = CpuMatrixTests.Filled([1], 2), dlogits = CpuMatrixTests.Filled([5003, 11], 3);
        for (var row = 0; row < 5003; row++)
        {
            labels.Ints[row] = row % 11;
        }

        return new(() => CpuDevice.Instance.Softmax.CrossEntropy(logits, labels, loss, dlogits), loss, dlogits);
    }

    private static Case Batch()
    {
        int[] shape = [6, 13, 37, 29], each = [13];
        View x = CpuMatrixTests.Filled(shape, 1), dy = CpuMatrixTests.Filled(shape, 2), gamma = CpuMatrixTests.Filled(each, 3), beta = CpuMatrixTests.Filled(each, 4);
        View y = CpuMatrixTests.Filled(shape, 5), dx = CpuMatrixTests.Filled(shape, 6), dgamma = CpuMatrixTests.Filled(each, 7), dbeta = CpuMatrixTests.Filled(each, 8);
        View mean = CpuMatrixTests.Filled(each, 9), inverse = CpuMatrixTests.Filled(each, 10), runningMean = CpuMatrixTests.Filled(each, 11), runningVariance = CpuMatrixTests.Filled(each, 12);
        var kernels = CpuDevice.Instance.Normalization;
        return new(
            () =>
            {
                // The running values move with each call; their start belongs to the case.
                runningMean.Floats.Fill(0.5f);
                runningVariance.Floats.Fill(1.5f);
                kernels.BatchForward(x, gamma, beta, runningMean, runningVariance, y, mean, inverse, 0.1f, 1e-5f);
                kernels.BatchBackward(x, gamma, mean, inverse, dy, dx, dgamma, dbeta);
                kernels.BatchInference(dy, gamma, beta, runningMean, runningVariance, y, 1e-5f);
            },
            y,
            dx,
            dgamma,
            dbeta,
            mean,
            inverse,
            runningMean,
            runningVariance);
    }

    private static Case Layer()
    {
        int[] shape = [211, 519], rows = [211], each = [519];
        View x = CpuMatrixTests.Filled(shape, 1), dy = CpuMatrixTests.Filled(shape, 2), gamma = CpuMatrixTests.Filled(each, 3), beta = CpuMatrixTests.Filled(each, 4);
        View y = CpuMatrixTests.Filled(shape, 5), dx = CpuMatrixTests.Filled(shape, 6), dgamma = CpuMatrixTests.Filled(each, 7), dbeta = CpuMatrixTests.Filled(each, 8);
        View mean = CpuMatrixTests.Filled(rows, 9), inverse = CpuMatrixTests.Filled(rows, 10);
        var kernels = CpuDevice.Instance.Normalization;
        return new(
            () =>
            {
                kernels.LayerForward(x, gamma, beta, y, mean, inverse, 1e-5f);
                kernels.LayerBackward(x, gamma, mean, inverse, dy, dx, dgamma, dbeta);
            },
            y,
            dx,
            dgamma,
            dbeta,
            mean,
            inverse);
    }

    private static View Integers(int length) => new(CpuDevice.Instance.Allocate(DType.Int32, length), new Shape(length));

    private sealed record Case(Action Run, params View[] Results);
}
