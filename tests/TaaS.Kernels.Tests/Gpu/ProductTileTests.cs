using TaaS.Kernels.Gpu;
using TaaS.Kernels.Reference;
using TaaS.Kernels.Tests.Conformance;

namespace TaaS.Kernels.Tests.Gpu;

/// <summary>
/// The tiles that GPUs use, with as many threads as there: the conformance suite runs smaller ones. A thread that staged or stored in another's place
/// would give wrong products on a GPU alone.
/// </summary>
[Collection(Emulator.Name)]
public sealed class ProductTileTests : IDisposable
{
    private readonly GpuDevice _device = GpuDevice.CreateEmulator(threadsPerWarp: 32, warps: 8);

    public void Dispose() => _device.Dispose();

    /// <summary>Whole quads and panels first, then sizes just beyond a tile at any address.</summary>
    [Theory]
    [InlineData(128, 132, 136, 24)]
    [InlineData(128, 129, 131, 19)]
    [InlineData(64, 68, 72, 24)]
    [InlineData(64, 65, 67, 19)]
    [InlineData(32, 36, 40, 24)]
    [InlineData(32, 33, 35, 19)]
    public void Multiply_EitherOrientation_MatchesReference(int side, int m, int n, int k)
    {
        var matrix = new GpuMatrix(Products(side));
        foreach (var turned in new[] { false, true })
        {
            var (a, b, c) = (Matrix(m, k, turned, 1), Matrix(k, n, turned, 2), Matrix(m, n, false, 3));
            ReferenceDevice.Instance.Matrix.Multiply(a.Reference, b.Reference, c.Reference, 1, 0.5f);
            matrix.Multiply(a.Device, b.Device, c.Device, 1, 0.5f);
            AssertClose(c, $"{m}x{n}x{k}, turned {turned}");
        }
    }

    [Theory]
    [InlineData(128)]
    [InlineData(64)]
    [InlineData(32)]
    public void Multiply_InParts_MatchesReference(int side)
    {
        var (a, b, c) = (Matrix(7, 300, false, 1), Matrix(300, 6, false, 2), Matrix(7, 6, false, 3));
        ReferenceDevice.Instance.Matrix.Multiply(a.Reference, b.Reference, c.Reference);
        new GpuMatrix(Products(side)).Multiply(a.Device, b.Device, c.Device);
        AssertClose(c, $"parts, {side}");
    }

    [Theory]
    [InlineData(128, 10)]
    [InlineData(64, 6)]
    [InlineData(32, 4)]
    public void Convolution_AllDirections_MatchReference(int side, int imageSide)
    {
        var geometry = new Conv2dGeometry(PadH: 1, PadW: 1);
        var convolution = new GpuConvolution(_device, Products(side));
        Shape xs = new(2, 3, imageSide, imageSide), ws = new(side + 1, 3, 3, 3), ys = new(2, side + 1, imageSide, imageSide);
        var (x, w, y, dx, dw) = (Pair(xs, 1), Pair(ws, 2), Pair(ys, 3), Pair(xs, 4), Pair(ws, 5));
        ReferenceDevice.Instance.Convolution.BackwardData(y.Reference, w.Reference, dx.Reference, geometry);
        convolution.BackwardData(y.Device, w.Device, dx.Device, geometry);
        AssertClose(dx, $"dx, {side}");
        ReferenceDevice.Instance.Convolution.BackwardFilter(x.Reference, y.Reference, dw.Reference, null, geometry);
        convolution.BackwardFilter(x.Device, y.Device, dw.Device, null, geometry);
        AssertClose(dw, $"dw, {side}");
        ReferenceDevice.Instance.Convolution.Forward(x.Reference, w.Reference, null, y.Reference, geometry, FusedActivation.Relu);
        convolution.Forward(x.Device, w.Device, null, y.Device, geometry, FusedActivation.Relu);
        AssertClose(y, $"y, {side}");
    }

    /// <summary>Products on one tile alone, cut into parts where there is but one tile of the result.</summary>
    private Products Products(int side)
    {
        ProductTile tile = side switch
        {
            128 => new ProductTile<Tile128, Block8X8>(_device, 1),
            64 => new ProductTile<Tile64, Block8X8>(_device, 1),
            _ => new ProductTile<Tile32, Block4X4>(_device, 1),
        };
        return new Products(_device, new ProductPlanner([tile], multiprocessors: 2, lanes: 128, partsCycles: 0));
    }

    private (View Reference, View Device) Matrix(int rows, int columns, bool turned, int seed)
    {
        var pair = Pair(turned ? new Shape(columns, rows) : new Shape(rows, columns), seed);
        return turned ? (Turn(pair.Reference), Turn(pair.Device)) : pair;

        static View Turn(View view) => new(view.Buffer, new Shape(view.Shape[1], view.Shape[0]), new Strides(1, view.Shape[1]), 0);
    }

    private (View Reference, View Device) Pair(Shape shape, int seed)
    {
        var random = new Random(seed);
        var values = new float[shape.Elements];
        foreach (ref var value in values.AsSpan())
        {
            value = random.NextSingle() - 0.5f;
        }

        View reference = new(ReferenceDevice.Instance.Allocate(DType.Float32, values.Length), shape), device = new(_device.Allocate(DType.Float32, values.Length), shape);
        reference.Upload(values);
        device.Upload(values);
        return (reference, device);
    }

    private static void AssertClose((View Reference, View Device) pair, string what)
    {
        var actual = new View(ReferenceDevice.Instance.Allocate(DType.Float32, pair.Device.Elements), pair.Device.Shape);
        pair.Device.Download(actual.Floats);
        CpuMatrixTests.AssertClose(pair.Reference, actual, what);
    }
}
