using TaaS.Kernels.Cpu;

namespace TaaS.Kernels.Tests.Conformance;

public sealed class CpuMatrixConformance() : MatrixConformance(CpuDevice.Instance);

public abstract class MatrixConformance(Device device) : KernelConformance(device)
{
    [Fact]
    public void Multiply_AnyTransposeBatchAndScale_MatchesReference() => ForSeeds(250, random =>
    {
        int m = Length(random), n = Length(random), k = random.Next(15) == 0 ? 0 : Length(random), batches = random.Next(3) == 0 ? random.Next(1, 4) : 0;
        var (a, b) = (Matrix(random, batches, m, k), Matrix(random, batches, k, n));
        var c = Pair(random, batches > 0 ? new Shape(batches, m, n) : new Shape(m, n));
        var alpha = random.Next(2) == 0 ? 1 : random.NextSingle() * 2 - 1;
        var beta = random.Next(3) switch { 0 => 0, 1 => 1, _ => random.NextSingle() };
        if (beta == 0)
        {
            c.Device.Upload(Enumerable.Repeat(float.NaN, (int)c.Device.Elements).ToArray());
        }

        Reference.Matrix.Multiply(a.Reference, b.Reference, c.Reference, alpha, beta);
        Device.Matrix.Multiply(a.Device, b.Device, c.Device, alpha, beta);
        AssertClose(c, Accumulated);
    });

    [Theory]
    [InlineData(257, 300, 700)]
    [InlineData(1, 512, 3136)]
    [InlineData(640, 10, 512)]
    [InlineData(32, 3000, 25)]
    [InlineData(32, 1024, 25)]
    public void Multiply_BeyondOneBlock_MatchesReference(int m, int n, int k)
    {
        if (IsSlow)
        {
            (m, n, k) = ((m + 7) / 8, (n + 7) / 8, (k + 7) / 8);
        }

        var random = new Random(m);
        var (a, b, c) = (Pair(random, new Shape(m, k)), Pair(random, new Shape(k, n)), Output(new Shape(m, n)));
        Reference.Matrix.Multiply(a.Reference, b.Reference, c.Reference);
        Device.Matrix.Multiply(a.Device, b.Device, c.Device);
        AssertClose(c, Accumulated);
    }

    /// <summary>One below, at and one above whole tiles: what a tile must neither read nor write beyond its matrix.</summary>
    [Fact]
    public void Multiply_SizesAroundTiles_MatchesReference() => ForSeeds(240, random =>
    {
        int[] sizes = [7, 8, 9, 15, 16, 17, 31, 32, 33, 64];
        int m = random.GetItems(sizes, 1)[0], n = random.GetItems(sizes, 1)[0], k = random.GetItems(sizes, 1)[0];
        var batches = random.Next(4) == 0 ? 2 : 0;
        var (a, b) = (Matrix(random, batches, m, k), Matrix(random, batches, k, n));
        var c = Pair(random, batches > 0 ? new Shape(batches, m, n) : new Shape(m, n));
        var beta = random.Next(2) * 0.75f;
        Reference.Matrix.Multiply(a.Reference, b.Reference, c.Reference, 1, beta);
        Device.Matrix.Multiply(a.Device, b.Device, c.Device, 1, beta);
        AssertClose(c, Accumulated);
    });

    /// <summary>Sizes and steps that let a device read and write sixteen bytes at a time throughout, and sums long enough to be cut.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Multiply_WholeQuads_MatchesReference(bool turnLeft, bool turnRight) => ForSeeds(64, random =>
    {
        int m = random.Next(1, 12) * 4, n = random.Next(1, 12) * 4, k = (random.Next(4) == 0 ? random.Next(32, 40) : random.Next(1, 6)) * 8, batches = random.Next(1, 3);
        var (a, b, c) = (Turned(Pair(random, new Shape(batches, turnLeft ? k : m, turnLeft ? m : k)), turnLeft), Turned(Pair(random, new Shape(batches, turnRight ? n : k, turnRight ? k : n)), turnRight), Pair(random, new Shape(batches, m, n)));
        Reference.Matrix.Multiply(a.Reference, b.Reference, c.Reference, 1, 0.5f);
        Device.Matrix.Multiply(a.Device, b.Device, c.Device, 1, 0.5f);
        AssertClose(c, Accumulated);
    });

    [Theory]
    [InlineData(0, 3, 4)]
    [InlineData(3, 0, 4)]
    [InlineData(3, 4, 0)]
    public void Multiply_EmptyAxis_MatchesReference(int m, int n, int k)
    {
        var random = new Random(1);
        var (a, b, c) = (Pair(random, new Shape(m, k)), Pair(random, new Shape(k, n)), Pair(random, new Shape(m, n)));
        Reference.Matrix.Multiply(a.Reference, b.Reference, c.Reference, 1, 0.5f);
        Device.Matrix.Multiply(a.Device, b.Device, c.Device, 1, 0.5f);
        AssertClose(c, Accumulated);
    }

    /// <summary>A result inside a larger matrix: the rows' gaps keep what they hold.</summary>
    [Fact]
    public void Multiply_ResultWithGaps_LeavesThemAlone() => ForSeeds(40, random =>
    {
        int m = random.Next(1, 20), n = random.Next(1, 20), k = random.Next(1, 20), lead = n + random.Next(1, 5), offset = random.Next(4);
        var (a, b) = (Pair(random, new Shape(m, k)), Pair(random, new Shape(k, n)));
        var memory = Pair(random, new Shape(offset + m * lead));
        var strides = new Strides(lead, 1);
        Reference.Matrix.Multiply(a.Reference, b.Reference, new View(memory.Reference.Buffer, new Shape(m, n), strides, offset));
        Device.Matrix.Multiply(a.Device, b.Device, new View(memory.Device.Buffer, new Shape(m, n), strides, offset));
        AssertClose(memory, Accumulated);
    });

    /// <summary>Few results of long sums, which devices cut into parts: the same bits every time.</summary>
    [Theory]
    [InlineData(5, 7, 1100)]
    [InlineData(16, 8, 2048)]
    [InlineData(33, 12, 777)]
    public void Multiply_LongSums_MatchReferenceAndRepeat(int m, int n, int k)
    {
        var random = new Random(k);
        var (a, b, c) = (Pair(random, new Shape(m, k)), Pair(random, new Shape(k, n)), Pair(random, new Shape(m, n)));
        var again = new View(Device.Allocate(DType.Float32, c.Device.Elements), c.Device.Shape);
        Device.Elementwise.Copy(c.Device, again);
        Reference.Matrix.Multiply(a.Reference, b.Reference, c.Reference, 0.5f, 2);
        Device.Matrix.Multiply(a.Device, b.Device, c.Device, 0.5f, 2);
        Device.Matrix.Multiply(a.Device, b.Device, again, 0.5f, 2);
        AssertClose(c, Accumulated);
        Assert.Equal(Floats(c.Device.Buffer), Floats(again.Buffer));
    }

    [Fact]
    public void Multiply_NaNAndInfinity_SpreadAsInReference() => ForSeeds(40, random =>
    {
        int m = random.Next(1, 20), n = random.Next(1, 20), k = random.Next(1, 20);
        var (a, b, c) = (Pair(random, new Shape(m, k), 0.01), Pair(random, new Shape(k, n), 0.01), Output(new Shape(m, n)));
        Reference.Matrix.Multiply(a.Reference, b.Reference, c.Reference);
        Device.Matrix.Multiply(a.Device, b.Device, c.Device);
        AssertClose(c, Accumulated);
    });

    [Fact]
    public void Linear_WithBiasAndActivation_MatchesReference() => ForSeeds(80, random =>
    {
        int m = Length(random), n = Length(random), k = Length(random);
        var (x, w, y) = (Pair(random, new Shape(m, k)), Pair(random, new Shape(n, k)), Output(new Shape(m, n)));
        var bias = random.Next(2) == 0 ? Pair(random, new Shape(n)) : ((View Reference, View Device)?)null;
        var activation = (FusedActivation)random.Next(2);
        Reference.Matrix.Linear(x.Reference, w.Reference, bias?.Reference, y.Reference, activation);
        Device.Matrix.Linear(x.Device, w.Device, bias?.Device, y.Device, activation);
        AssertClose(y, Accumulated);
    });

    private static int Length(Random random) => random.Next(8) == 0 ? random.Next(1, 130) : random.Next(1, 40);

    /// <summary>The matrices of a batch as their transposes.</summary>
    private static (View Reference, View Device) Turned((View Reference, View Device) pair, bool turn)
    {
        return turn ? (Turn(pair.Reference), Turn(pair.Device)) : pair;

        static View Turn(View view) => new(view.Buffer, new Shape(view.Shape[0], view.Shape[2], view.Shape[1]), new Strides(view.Strides[0], view.Strides[2], view.Strides[1]), view.Offset);
    }

    /// <summary>A matrix stored by rows or by columns, with or without gaps between them; a batch axis that may repeat one matrix.</summary>
    private (View Reference, View Device) Matrix(Random random, int batches, int rows, int columns)
    {
        var byRows = random.Next(2) == 0;
        var lead = (byRows ? columns : rows) + random.Next(3);
        var size = (long)lead * (byRows ? rows : columns) + 1;
        var repeat = batches > 0 && random.Next(3) == 0;
        var memory = Pair(random, new Shape((int)(size * (repeat ? 1 : Math.Max(batches, 1)))));
        long rowStep = byRows ? Math.Max(lead, 1) : 1, columnStep = byRows ? 1 : Math.Max(lead, 1);
        var (shape, strides) = batches > 0
            ? (new Shape(batches, rows, columns), new Strides(repeat ? 0 : size, rowStep, columnStep))
            : (new Shape(rows, columns), new Strides(rowStep, columnStep));
        return (new View(memory.Reference.Buffer, shape, strides, 0), new View(memory.Device.Buffer, shape, strides, 0));
    }
}
