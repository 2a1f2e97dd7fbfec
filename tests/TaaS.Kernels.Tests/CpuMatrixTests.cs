using TaaS.Kernels.Cpu;
using TaaS.Kernels.Reference;

namespace TaaS.Kernels.Tests;

/// <summary>Both register tiles against the reference; the 512-bit one runs in software where there is no AVX-512.</summary>
[Collection(CpuThreads.Name)]
public sealed class CpuMatrixTests
{
    public static TheoryData<int> TileWidths => [256, 512];

    [Theory]
    [MemberData(nameof(TileWidths))]
    public void Multiply_EdgeShapesAndOrientations_MatchesReference(int width)
    {
        int[] sizes = [1, 2, 5, 6, 7, 8, 15, 16, 17, 33, 49, 97];
        var random = new Random(7);
        for (var round = 0; round < 150; round++)
        {
            int m = sizes[random.Next(sizes.Length)], n = sizes[random.Next(sizes.Length)], k = sizes[random.Next(sizes.Length)];
            Check(width, m, n, k, random.Next(2) == 0, random.Next(2) == 0, random.Next(3), round);
        }
    }

    [Theory]
    [InlineData(256, 200, 300, 700)]
    [InlineData(256, 500, 40, 330)]
    [InlineData(256, 10, 1500, 321)]
    [InlineData(512, 210, 100, 650)]
    [InlineData(256, 33, 500, 40)]
    [InlineData(512, 33, 1500, 40)]
    public void Multiply_SeveralCacheBlocks_MatchesReference(int width, int m, int n, int k)
    {
        for (var orientation = 0; orientation < 4; orientation++)
        {
            Check(width, m, n, k, (orientation & 1) != 0, (orientation & 2) != 0, orientation % 3, orientation);
        }
    }

    [Theory]
    [InlineData(0, 3, 4)]
    [InlineData(3, 0, 4)]
    [InlineData(3, 4, 0)]
    public void Multiply_EmptyAxis_MatchesReference(int m, int n, int k)
    {
        Check(256, m, n, k, false, false, 0, 1);
        Check(256, m, n, k, false, false, 2, 1);
    }

    [Fact]
    public void Multiply_BetaZero_OverwritesNaN()
    {
        var c = Filled([4, 5], 1, float.NaN);
        Matrix(256).Multiply(Filled([4, 3], 1), Filled([3, 5], 2), c);
        Assert.DoesNotContain(c.Floats.ToArray(), float.IsNaN);
    }

    [Theory]
    [InlineData(3, 5)]
    [InlineData(40, 17)]
    public void Multiply_BatchWithRepeatedMatrix_MatchesReference(int batches, int size)
    {
        var a = Filled([batches, size, 9], 1);
        var b = Filled([9, size], 2) is var flat ? new View(flat.Buffer, new Shape(batches, 9, size), new Strides([0L, size, 1]), 0) : default;
        View actual = Filled([batches, size, size], 3), expected = Filled([batches, size, size], 3);
        Matrix(256).Multiply(a, b, actual, 0.5f, 2);
        ReferenceDevice.Instance.Matrix.Multiply(a, b, expected, 0.5f, 2);
        AssertClose(expected, actual, $"batches {batches}, size {size}");
    }

    [Theory]
    [InlineData(256, 64, 512, 700)]
    [InlineData(256, 64, 10, 512)]
    [InlineData(256, 1, 33, 40)]
    [InlineData(512, 300, 50, 20)]
    public void Linear_BiasAndRelu_MatchesReference(int width, int m, int n, int k)
    {
        View x = Filled([m, k], 1), w = Filled([n, k], 2), bias = Filled([n], 3);
        foreach (var activation in new[] { FusedActivation.None, FusedActivation.Relu })
        {
            foreach (var shift in new View?[] { null, bias })
            {
                View actual = Filled([m, n], 4, float.NaN), expected = Filled([m, n], 4);
                Matrix(width).Linear(x, w, shift, actual, activation);
                ReferenceDevice.Instance.Matrix.Linear(x, w, shift, expected, activation);
                AssertClose(expected, actual, $"{m}x{n}x{k}, {activation}");
            }
        }
    }

    [Fact]
    public void Multiply_OtherThreadCount_SameBits()
    {
        View a = Filled([190, 400], 1), b = Filled([400, 90], 2), one = Filled([190, 90], 3), three = Filled([190, 90], 3);
        CpuThreads.With(1, () => Matrix(256).Multiply(a, b, one));
        CpuThreads.With(3, () => Matrix(256).Multiply(a, b, three));

        Assert.Equal(one.Floats.ToArray(), three.Floats.ToArray());
    }

    [Fact]
    public void Multiply_SteadyState_AllocatesNothing()
    {
        View a = Filled([64, 300], 1), b = Filled([300, 80], 2), c = Filled([64, 80], 3);
        var matrix = Matrix(256);
        Assert.Equal(0, SteadyState.AllocatedBytes(() => matrix.Multiply(a, b, c)));
    }

    internal static View Filled(ReadOnlySpan<int> shape, int seed, float? value = null)
    {
        var lengths = new Shape(shape);
        var view = new View(CpuDevice.Instance.Allocate(DType.Float32, lengths.Elements), lengths);
        var random = new Random(seed);
        foreach (ref var item in view.Floats)
        {
            item = value ?? random.NextSingle() - 0.5f;
        }

        return view;
    }

    internal static void AssertClose(View expected, View actual, string what)
    {
        ReadOnlySpan<float> e = expected.Floats, a = actual.Floats;
        double error = 0, norm = 0;
        for (var i = 0; i < e.Length; i++)
        {
            error += Math.Pow((double)e[i] - a[i], 2);
            norm += Math.Pow(e[i], 2);
        }

        Assert.True(Math.Sqrt(error) <= 1e-5 * Math.Sqrt(norm) + 1e-12, $"{what}: relative error {Math.Sqrt(error / norm):E2}");
    }

    private static CpuMatrix Matrix(int width) => new(width == 512 ? Microkernel.Wide512 : Microkernel.Wide256);

    private static void Check(int width, int m, int n, int k, bool turnA, bool turnB, int scaling, int seed)
    {
        float[] alphas = [1, 0.5f, -2], betas = [0, 1, 0.25f];
        View a = Operand(m, k, turnA, seed), b = Operand(k, n, turnB, seed + 1);
        View actual = Filled([m, n], seed + 2), expected = Filled([m, n], seed + 2);
        Matrix(width).Multiply(a, b, actual, alphas[scaling], betas[scaling]);
        ReferenceDevice.Instance.Matrix.Multiply(a, b, expected, alphas[scaling], betas[scaling]);
        AssertClose(expected, actual, $"seed {seed}: {m}x{n}x{k}, transposed {turnA} {turnB}, alpha {alphas[scaling]}, beta {betas[scaling]}");
    }

    private static View Operand(int rows, int columns, bool turned, int seed)
    {
        var view = Filled(turned ? [columns, rows] : [rows, columns], seed);
        return turned ? new View(view.Buffer, new Shape(rows, columns), new Strides([1L, rows]), 0) : view;
    }
}
