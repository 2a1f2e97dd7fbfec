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
        var random = new Random(m);
        var (a, b, c) = (Pair(random, new Shape(m, k)), Pair(random, new Shape(k, n)), Output(new Shape(m, n)));
        Reference.Matrix.Multiply(a.Reference, b.Reference, c.Reference);
        Device.Matrix.Multiply(a.Device, b.Device, c.Device);
        AssertClose(c, Accumulated);
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
