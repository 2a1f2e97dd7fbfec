using TaaS.Kernels.Cpu;

namespace TaaS.Kernels.Tests.Conformance;

public sealed class CpuElementwiseConformance() : ElementwiseConformance(CpuDevice.Instance);

public abstract class ElementwiseConformance(Device device) : KernelConformance(device)
{
    [Theory]
    [MemberData(nameof(BinaryOps))]
    public void Binary_AnyStrides_MatchesReference(BinaryOp op) => ForSeeds(60, random =>
    {
        var shape = RandomShape(random);
        var special = random.Next(2) * 0.1;
        var (a, b, y) = (StridedPair(random, shape, special), StridedPair(random, shape, special), StridedPair(random, shape, repeat: false));
        Reference.Elementwise.Binary(op, a.Reference, b.Reference, y.Reference);
        Device.Elementwise.Binary(op, a.Device, b.Device, y.Device);
        AssertClose(y, Exact);
    });

    [Theory]
    [MemberData(nameof(BinaryOps))]
    public void Binary_LongContiguous_MatchesReference(BinaryOp op)
    {
        foreach (var length in new[] { 1, 7, 16, 33, IsSlow ? 301 : 70_001 })
        {
            var random = new Random(length);
            var (a, b, y) = (Pair(random, new Shape(length)), Pair(random, new Shape(length)), Output(new Shape(length)));
            Reference.Elementwise.Binary(op, a.Reference, b.Reference, y.Reference);
            Device.Elementwise.Binary(op, a.Device, b.Device, y.Device);
            AssertClose(y, Exact);
            Device.Elementwise.Binary(op, a.Device, b.Device, a.Device);
            AssertClose((y.Reference, a.Device), Exact);
        }
    }

    [Theory]
    [MemberData(nameof(BinaryOps))]
    public void BinaryScalar_MatchesReference(BinaryOp op) => ForSeeds(30, random =>
    {
        var shape = RandomShape(random);
        var (a, y) = (StridedPair(random, shape, 0.05), StridedPair(random, shape, repeat: false));
        var s = random.NextSingle() * 2 - 1;
        Reference.Elementwise.BinaryScalar(op, a.Reference, s, y.Reference);
        Device.Elementwise.BinaryScalar(op, a.Device, s, y.Device);
        AssertClose(y, Exact);
    });

    [Theory]
    [MemberData(nameof(UnaryOps))]
    public void Unary_MatchesReference(UnaryOp op) => ForSeeds(60, random =>
    {
        var shape = RandomShape(random);
        var (x, y) = (StridedPair(random, shape, random.Next(2) * 0.1), StridedPair(random, shape, repeat: false));
        Reference.Elementwise.Unary(op, x.Reference, y.Reference, 0.2f);
        Device.Elementwise.Unary(op, x.Device, y.Device, 0.2f);
        AssertClose(y, Exact);
    });

    [Theory]
    [MemberData(nameof(UnaryOps))]
    public void Unary_WholeRange_IsAccurateForEveryElement(UnaryOp op)
    {
        var random = new Random(1);
        var shape = new Shape(IsSlow ? 4_000 : 20_000);
        var (x, y) = (Pair(random, shape, scale: 30), Output(shape));
        Reference.Elementwise.Unary(op, x.Reference, y.Reference);
        Device.Elementwise.Unary(op, x.Device, y.Device);
        var actuals = Floats(y.Device.Buffer);
        for (var i = 0; i < actuals.Length; i++)
        {
            var (expected, actual) = (y.Reference.Floats[i], actuals[i]);
            Assert.True(expected.Equals(actual) || Math.Abs(expected - actual) <= 4e-6 * Math.Abs(expected) + 1e-7, $"{op}({x.Reference.Floats[i]:R}): expected {expected:R}, got {actual:R}");
        }
    }

    [Theory]
    [MemberData(nameof(UnaryOps))]
    public void UnaryBackward_MatchesReference(UnaryOp op) => ForSeeds(60, random =>
    {
        var shape = RandomShape(random);
        var (x, dy, dx) = (StridedPair(random, shape, random.Next(2) * 0.1), StridedPair(random, shape), StridedPair(random, shape, repeat: false));
        var y = Output(shape);
        Reference.Elementwise.Unary(op, x.Reference, y.Reference, 0.2f);
        y.Device.Upload(y.Reference.Floats);
        Reference.Elementwise.UnaryBackward(op, x.Reference, y.Reference, dy.Reference, dx.Reference, 0.2f);
        Device.Elementwise.UnaryBackward(op, x.Device, y.Device, dy.Device, dx.Device, 0.2f);
        AssertClose(dx, Exact);
    });

    [Fact]
    public void AxpyFillCopy_MatchReference() => ForSeeds(100, random =>
    {
        var shape = RandomShape(random);
        var (x, y) = (StridedPair(random, shape), StridedPair(random, shape, repeat: false));
        Reference.Elementwise.Axpy(0.7f, x.Reference, y.Reference);
        Device.Elementwise.Axpy(0.7f, x.Device, y.Device);
        AssertClose(y, Exact);
        Reference.Elementwise.Copy(x.Reference, y.Reference);
        Device.Elementwise.Copy(x.Device, y.Device);
        AssertClose(y, 0);
        Reference.Elementwise.Fill(y.Reference, 3);
        Device.Elementwise.Fill(y.Device, 3);
        AssertClose(y, 0);
    });

    [Fact]
    public void BroadcastRowsAndSlices_OfWholeQuads_MatchReference() => ForSeeds(100, random =>
    {
        var shape = new Shape([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(1, 6)), 4 * random.Next(1, 6)]);
        var (a, b, y) = (QuadsPair(random, shape), QuadsPair(random, shape), QuadsPair(random, shape, repeat: false));
        Reference.Elementwise.Binary(BinaryOp.Subtract, a.Reference, b.Reference, y.Reference);
        Device.Elementwise.Binary(BinaryOp.Subtract, a.Device, b.Device, y.Device);
        AssertClose(y, Exact);
        Reference.Elementwise.Unary(UnaryOp.Relu, b.Reference, y.Reference);
        Device.Elementwise.Unary(UnaryOp.Relu, b.Device, y.Device);
        AssertClose(y, Exact);
        Reference.Elementwise.Copy(a.Reference, y.Reference);
        Device.Elementwise.Copy(a.Device, y.Device);
        AssertClose(y, 0);
    });

    [Theory]
    [InlineData(1, 64, 3136)]
    [InlineData(1, 513, 130)]
    [InlineData(3, 40, 33)]
    [InlineData(2, 5, 200)]
    public void Copy_Transpose_MatchesReference(int matrices, int rows, int columns)
    {
        columns = IsSlow ? Math.Min(columns, 3000 / rows) : columns;
        var x = Pair(new Random(1), new Shape(matrices, rows, columns));
        var y = Output(new Shape(matrices, columns, rows));
        View Turn(View view) => view with { Shape = y.Reference.Shape, Strides = new Strides(rows * columns, 1, columns) };
        Reference.Elementwise.Copy(Turn(x.Reference), y.Reference);
        Device.Elementwise.Copy(Turn(x.Device), y.Device);
        AssertClose(y, 0);
    }

    [Fact]
    public void OneHot_MatchesReference() => ForSeeds(30, random =>
    {
        var y = Output(new Shape(random.Next(20), random.Next(1, 12)));
        var labels = Output(new Shape(y.Reference.Shape[0]), DType.Int32);
        var positions = Enumerable.Range(0, y.Reference.Shape[0]).Select(_ => random.Next(y.Reference.Shape[1])).ToArray();
        labels.Reference.Upload(positions);
        labels.Device.Upload(positions);
        Reference.Elementwise.OneHot(labels.Reference, y.Reference);
        Device.Elementwise.OneHot(labels.Device, y.Device);
        AssertClose(y, 0);
    });

    [Fact]
    public void Copy_AnyOrderOfAxes_MatchesReference() => ForSeeds(60, random =>
    {
        var order = new[] { 0, 1, 2, 3 };
        random.Shuffle(order);
        var shape = new Shape(Array.ConvertAll(order, _ => random.Next(1, 13)));
        var turned = new Shape(Array.ConvertAll(order, axis => shape[axis]));
        var (x, y) = (Pair(random, shape), Output(turned));
        View Turn(View view) => view with { Shape = turned, Strides = new Strides(Array.ConvertAll(order, axis => shape.ContiguousStrides[axis])) };
        Reference.Elementwise.Copy(Turn(x.Reference), y.Reference);
        Device.Elementwise.Copy(Turn(x.Device), y.Device);
        AssertClose(y, 0);
    });

    public static TheoryData<BinaryOp> BinaryOps => [.. Enum.GetValues<BinaryOp>()];

    public static TheoryData<UnaryOp> UnaryOps => [.. Enum.GetValues<UnaryOp>()];
}
