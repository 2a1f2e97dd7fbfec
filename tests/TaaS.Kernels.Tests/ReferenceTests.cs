using TaaS.Kernels.Reference;

namespace TaaS.Kernels.Tests;

/// <summary>The reference defines right, so it is checked against values worked out by hand and published ones.</summary>
public sealed class ReferenceTests
{
    private static readonly Device Device = ReferenceDevice.Instance;

    /// <summary>Known answers of the Random123 distribution for philox4x32-10.</summary>
    [Theory]
    [InlineData(0UL, 0UL, 0UL, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x299f31d0_a4093822UL, 0x85a308d3_243f6a88UL, 0x03707344_13198a2eUL, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Philox_MatchesPublishedVectors(ulong key, ulong counter, ulong counterHigh, uint x, uint y, uint z, uint w) =>
        Assert.Equal((x, y, z, w), Philox.Block(key, counter, counterHigh));

    [Fact]
    public void Conv2d_ThreeByThreeWithStrideAndPadding_ByHand()
    {
        var x = From([1, 2, 3, 4, 5, 6, 7, 8, 9], 1, 1, 3, 3);
        var w = From([1, 0, 0, 1], 1, 1, 2, 2);
        var y = From(new float[4], 1, 1, 2, 2);
        Device.Convolution.Forward(x, w, From([10], 1), y, new Conv2dGeometry(2, 2, 1, 1), FusedActivation.None);
        Assert.Equal([11f, 13, 17, 24], y.Floats.ToArray());
    }

    [Fact]
    public void MaxPool_EqualsAndNaN_FirstWinsAndNaNWins()
    {
        var x = From([1, 1, 5, float.NaN, 1, 1, float.NaN, 7], 1, 1, 2, 4);
        var (y, at) = (From(new float[2], 1, 1, 1, 2), new View(Device.Allocate(DType.Int32, 2), new Shape(1, 1, 1, 2)));
        Device.Pooling.MaxForward(x, y, at, new Pool2dGeometry(2, 2, 2, 2));
        Assert.Equal([1f, float.NaN], y.Floats.ToArray());
        Assert.Equal([0, 3], at.Ints.ToArray());
    }

    [Fact]
    public void Gelu_PublishedValues()
    {
        var y = From(new float[3], 3);
        Device.Elementwise.Unary(UnaryOp.Gelu, From([-1, 0.5f, 3], 3), y);
        Assert.Equal(-0.15865526f, y.Floats[0], 6);
        Assert.Equal(0.34573123f, y.Floats[1], 6);
        Assert.Equal(2.99595031f, y.Floats[2], 6);
    }

    [Fact]
    public void CrossEntropy_ByHand()
    {
        var (loss, gradient) = (From([0], 1), From(new float[2], 1, 2));
        var labels = new View(Device.Allocate(DType.Int32, 1), new Shape(1));
        labels.Ints[0] = 1;
        Device.Softmax.CrossEntropy(From([0, MathF.Log(3)], 1, 2), labels, loss, gradient);
        Assert.Equal(-MathF.Log(0.75f), loss.Floats[0], 6);
        Assert.Equal(0.25f, gradient.Floats[0], 6);
        Assert.Equal(-0.25f, gradient.Floats[1], 6);
    }

    [Fact]
    public void Sgd_MomentumTwoSteps_ByHand()
    {
        var (w, v) = (From([1], 1), From([0], 1));
        for (var step = 0; step < 2; step++)
        {
            Device.Optimizer.Sgd(w, From([2], 1), v, 0.1f, 0.5f, 0, false);
        }

        Assert.Equal(1 - 0.1f * 2 - 0.1f * 3, w.Floats[0], 6);
    }

    [Fact]
    public void Adam_FirstStep_MovesByTheRate()
    {
        var (w, m, v) = (From([1], 1), From([0], 1), From([0], 1));
        Device.Optimizer.Adam(w, From([1234], 1), m, v, 1, 0.1f, 0.9f, 0.999f, 1e-8f, 0, false);
        Assert.Equal(0.9f, w.Floats[0], 5);
    }

    private static View From(float[] values, params int[] shape)
    {
        var view = new View(Device.Allocate(DType.Float32, values.Length), new Shape(shape));
        values.CopyTo(view.Floats);
        return view;
    }
}
