using TaaS.Kernels.Cpu;
using TaaS.Kernels.Reference;

namespace TaaS.Kernels.Tests;

/// <summary>A dropout mask is never kept: the gradient draws it again. So the draws are the reference's to the bit, not nearly.</summary>
[Collection(CpuThreads.Name)]
public sealed class CpuRandomTests
{
    public static TheoryData<int, ulong, ulong, int> Cases => new()
    {
        { 1, 7, 0, 1 },
        { 31, 7, 5, 1 },
        { 33, ulong.MaxValue, 5, 1 },
        { 100_003, 42, 1, 1 },
        { 100_003, 42, 1, 3 },

        // The low half of the counter runs over inside a run of blocks, and so does the whole counter.
        { 1000, 42, uint.MaxValue - 8UL, 1 },
        { 1000, 42, uint.MaxValue - 7UL, 1 },
        { 1000, 42, uint.MaxValue - 3UL, 1 },
        { 1000, 42, ulong.MaxValue - 3UL, 1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draws_AnyCounterAndThreads_SameBitsAsReference(int length, ulong seed, ulong offset, int threads)
    {
        var x = CpuMatrixTests.Filled([length], 1);
        float[][] actual = [];
        CpuThreads.With(threads, () => actual = Draw(CpuDevice.Instance.Random, x, seed, offset));
        var expected = Draw(ReferenceDevice.Instance.Random, x, seed, offset);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].Select(BitConverter.SingleToInt32Bits), actual[i].Select(BitConverter.SingleToInt32Bits));
        }
    }

    private static float[][] Draw(IRandomKernels kernels, View x, ulong seed, ulong offset)
    {
        View uniform = CpuMatrixTests.Filled([(int)x.Elements], 2), normal = CpuMatrixTests.Filled([(int)x.Elements], 2), kept = CpuMatrixTests.Filled([(int)x.Elements], 2);
        kernels.Uniform(uniform, -0.3f, 1.7f, seed, offset);
        kernels.Normal(normal, 0.1f, 0.7f, seed, offset);
        kernels.Dropout(x, kept, 0.3f, seed, offset);
        return [uniform.Floats.ToArray(), normal.Floats.ToArray(), kept.Floats.ToArray()];
    }
}
