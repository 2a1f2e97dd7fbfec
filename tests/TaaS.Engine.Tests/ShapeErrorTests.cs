using TaaS.Kernels;
using TaaS.Kernels.Reference;

namespace TaaS.Engine.Tests;

/// <summary>A user whose shapes do not fit reads which operation, which shapes, and what to change.</summary>
public sealed class ShapeErrorTests
{
    private static Tensor Zeros(params int[] lengths) => Tensor.Zeros(new Shape(lengths), ReferenceDevice.Instance);

    [Fact]
    public void Conv2d_WrongChannels_SaysBoth() =>
        Refuses(() => F.Conv2d(Zeros(8, 3, 32, 32), Zeros(16, 4, 3, 3)), "conv2d: input has 3 channels, weight expects 4; x=[8,3,32,32], w=[16,4,3,3]; check inChannels");

    [Fact]
    public void Conv2d_FilterTooLarge_IsRefused() => Refuses(() => F.Conv2d(Zeros(1, 1, 2, 2), Zeros(1, 1, 3, 3)), "does not fit");

    [Fact]
    public void Linear_WrongFeatures_SaysBoth() => Refuses(() => F.Linear(Zeros(2, 5), Zeros(3, 4)), "input has 5 features, weight expects 4");

    [Fact]
    public void MatMul_InnerLengths_SaysBoth() => Refuses(() => F.MatMul(Zeros(2, 3), Zeros(4, 5)), "3 against 4");

    [Fact]
    public void Add_NoBroadcast_SaysTheAxis() => Refuses(() => _ = Zeros(2, 3) + Zeros(2, 4), "axis -1 is 3 against 4");

    [Fact]
    public void Reshape_OtherCount_IsRefused() => Refuses(() => Zeros(2, 3).Reshape(4, -1), "6 elements");

    [Fact]
    public void MaxPool_WindowTooLarge_IsRefused() => Refuses(() => F.MaxPool2d(Zeros(1, 1, 2, 2), new Pool2dGeometry(3, 3, 1, 1)), "3x3");

    [Fact]
    public void CrossEntropy_OtherBatch_IsRefused() =>
        Refuses(() => F.CrossEntropy(Zeros(3, 2), Tensor.FromLabels([0], ReferenceDevice.Instance)), "[3,2] and [1]");

    [Fact]
    public void Backward_OfManyElements_AsksForAGradient() => Refuses(() => Zeros(2).Backward(), "give the gradient");

    private static void Refuses(Action action, string part) => Assert.Contains(part, Assert.Throws<ShapeException>(action).Message, StringComparison.Ordinal);
}
