using TaaS.Kernels;

namespace TaaS.Engine.Tests.Autograd;

/// <summary>A wrong gradient trains a model to nothing without any error: every operation is checked against differences.</summary>
public sealed class OperationGradientTests
{
    public static TheoryData<string> Unary => ["relu", "leaky", "gelu", "sigmoid", "tanh", "exp", "abs", "negate", "square", "scale", "shift", "halve"];

    [Theory]
    [MemberData(nameof(Unary))]
    public void Unary_MatchesDifferences(string name) => GradientCheck.Check(x => name switch
    {
        "relu" => F.Relu(x[0]),
        "leaky" => F.LeakyRelu(x[0], 0.1f),
        "gelu" => F.Gelu(x[0]),
        "sigmoid" => F.Sigmoid(x[0]),
        "tanh" => F.Tanh(x[0]),
        "exp" => F.Exp(x[0]),
        "abs" => F.Abs(x[0]),
        "negate" => -x[0],
        "square" => F.Pow(x[0], 2),
        "scale" => 3 * x[0],
        "shift" => x[0] + 2 - 1,
        _ => x[0] / 2,
    }, GradientCheck.Input(1, 3, 4));

    [Theory]
    [InlineData("log")]
    [InlineData("sqrt")]
    public void UnaryOfPositive_MatchesDifferences(string name) => GradientCheck.Check(
        x => name == "log" ? F.Log(F.Abs(x[0]) + 1) : F.Sqrt(F.Abs(x[0]) + 1), GradientCheck.Input(2, 5));

    [Theory]
    [InlineData(new[] { 2, 3 }, new[] { 2, 3 })]
    [InlineData(new[] { 2, 3 }, new[] { 3 })]
    [InlineData(new[] { 2, 1, 3 }, new[] { 4, 1 })]
    [InlineData(new int[0], new[] { 2, 2 })]
    public void BinaryWithBroadcast_MatchesDifferences(int[] a, int[] b)
    {
        Func<Tensor, Tensor, Tensor>[] functions = [(x, y) => x + y, (x, y) => x - y, (x, y) => x * y, (x, y) => x / y, (x, y) => F.Maximum(x, y * 1.1f)];
        foreach (var function in functions)
        {
            GradientCheck.Check(x => function(x[0], x[1]), GradientCheck.Input(3, a), GradientCheck.Input(4, b));
        }
    }

    [Fact]
    public void TensorUsedTwice_GetsTheSum() => GradientCheck.Check(x => x[0] * x[0] + x[0], GradientCheck.Input(5, 4));

    [Fact]
    public void SumOfTwoLeaves_GivesEachAGradientOfItsOwn()
    {
        var (a, b) = (GradientCheck.Input(5, 3), GradientCheck.Input(6, 3));
        for (var i = 0; i < 2; i++)
        {
            F.Sum(a + b).Backward();
        }

        F.Sum(a).Backward();
        Assert.Equal([3f, 3, 3], a.Grad!.ToArray());
        Assert.Equal([2f, 2, 2], b.Grad!.ToArray());
    }

    [Theory]
    [InlineData(new int[0], false)]
    [InlineData(new[] { 1 }, false)]
    [InlineData(new[] { 0, 2 }, true)]
    [InlineData(new[] { -1 }, true)]
    public void Reductions_MatchDifferences(int[] axes, bool keep)
    {
        GradientCheck.Check(x => F.Sum(x[0], keep, axes), GradientCheck.Input(6, 2, 3, 2));
        GradientCheck.Check(x => F.Mean(x[0], keep, axes), GradientCheck.Input(6, 2, 3, 2));
        GradientCheck.Check(x => F.Max(x[0], keep, axes), GradientCheck.Input(6, 2, 3, 2));
    }

    [Theory]
    [InlineData(new[] { 2, 3 }, new[] { 3, 4 })]
    [InlineData(new[] { 2, 2, 3 }, new[] { 2, 3, 2 })]
    [InlineData(new[] { 2, 2, 3 }, new[] { 3, 2 })]
    [InlineData(new[] { 2, 3 }, new[] { 2, 3, 2 })]
    public void MatMul_MatchesDifferences(int[] a, int[] b)
    {
        GradientCheck.Check(x => F.MatMul(x[0], x[1]), GradientCheck.Input(7, a), GradientCheck.Input(8, b));
        GradientCheck.Check(x => F.MatMul(x[1].Transpose(), x[0].Transpose()), GradientCheck.Input(7, a), GradientCheck.Input(8, b));
    }

    [Theory]
    [InlineData(FusedActivation.None)]
    [InlineData(FusedActivation.Relu)]
    public void Linear_MatchesDifferences(FusedActivation activation) => GradientCheck.Check(
        x => F.Linear(x[0], x[1], x[2], activation), GradientCheck.Input(9, 3, 4), GradientCheck.Input(10, 2, 4), GradientCheck.Input(11, 2));

    [Theory]
    [InlineData(1, 0, 1, 1)]
    [InlineData(2, 1, 1, 1)]
    [InlineData(1, 2, 2, 2)]
    public void Conv2d_MatchesDifferences(int stride, int padding, int dilation, int groups)
    {
        var geometry = new Conv2dGeometry(stride, stride, padding, padding, dilation, dilation, groups);
        GradientCheck.Check(x => F.Conv2d(x[0], x[1], x[2], geometry),
            GradientCheck.Input(12, 2, 2, 5, 4), GradientCheck.Input(13, 4, 2 / groups, 3, 2), GradientCheck.Input(14, 4));
    }

    [Fact]
    public void Conv2dWithRelu_MatchesDifferences() => GradientCheck.Check(
        x => F.Conv2d(x[0], x[1], x[2], new Conv2dGeometry(), FusedActivation.Relu),
        GradientCheck.Input(15, 1, 1, 3, 3), GradientCheck.Input(17, 2, 1, 2, 2), GradientCheck.Input(18, 2));

    [Theory]
    [InlineData(2, 2, 0)]
    [InlineData(3, 1, 1)]
    public void Pooling_MatchesDifferences(int window, int stride, int padding)
    {
        var geometry = new Pool2dGeometry(window, window, stride, stride, padding, padding);
        GradientCheck.Check(x => F.MaxPool2d(x[0], geometry), GradientCheck.Input(18, 1, 2, 4, 4));
        GradientCheck.Check(x => F.AvgPool2d(x[0], geometry), GradientCheck.Input(18, 1, 2, 4, 4));
        GradientCheck.Check(x => F.AvgPool2d(x[0], geometry, countPadding: false), GradientCheck.Input(18, 1, 2, 4, 4));
        GradientCheck.Check(x => F.GlobalAvgPool2d(x[0]), GradientCheck.Input(18, 2, 2, 2, 3));
        GradientCheck.Check(x => F.BiasReluMaxPool2d(x[0], x[1], geometry), GradientCheck.Input(18, 1, 2, 4, 4), GradientCheck.Input(20, 2));
    }

    [Fact]
    public void Softmaxes_MatchDifferences()
    {
        GradientCheck.Check(x => F.Softmax(x[0]), GradientCheck.Input(21, 2, 2, 3));
        GradientCheck.Check(x => F.LogSoftmax(x[0]), GradientCheck.Input(21, 2, 2, 3));
    }

    [Fact]
    public void Losses_MatchDifferences()
    {
        var labels = Tensor.FromLabels([2, 0, 1], GradientCheck.Device);
        GradientCheck.Check(x => F.CrossEntropy(x[0], labels), GradientCheck.Input(22, 3, 4));
        GradientCheck.Check(x => F.NllLoss(F.LogSoftmax(x[0]), labels), GradientCheck.Input(22, 3, 4));
        GradientCheck.Check(x => F.MseLoss(x[0], x[1]), GradientCheck.Input(22, 3, 4), GradientCheck.Input(23, 3, 4));
    }

    [Fact]
    public void Normalizations_MatchDifferences()
    {
        GradientCheck.Check(x => F.BatchNorm2d(x[0], x[1], x[2], Tensor.Zeros(new Shape(2), GradientCheck.Device), Tensor.Zeros(new Shape(2), GradientCheck.Device)),
            GradientCheck.Input(24, 3, 2, 2, 2), GradientCheck.Input(25, 2), GradientCheck.Input(26, 2));
        GradientCheck.Check(x => F.LayerNorm(x[0], x[1], x[2]), GradientCheck.Input(27, 2, 2, 5), GradientCheck.Input(28, 5), GradientCheck.Input(29, 5));
    }

    [Fact]
    public void Views_MatchDifferences()
    {
        GradientCheck.Check(x => x[0].Reshape(4, -1), GradientCheck.Input(30, 2, 2, 3));
        GradientCheck.Check(x => x[0].Permute(2, 0, 1).Reshape(-1), GradientCheck.Input(30, 2, 2, 3));
        GradientCheck.Check(x => x[0].Slice(1, 1, 2) * x[0].Slice(1, 0, 2), GradientCheck.Input(30, 2, 3, 2));
        GradientCheck.Check(x => x[0].Expand(new Shape(2, 3, 2)) * 2, GradientCheck.Input(30, 3, 1));
        GradientCheck.Check(x => F.Concat(1, x[0], x[1] * 2, x[0]), GradientCheck.Input(30, 2, 1), GradientCheck.Input(31, 2, 3));
        GradientCheck.Check(x => x[0].Squeeze(1), GradientCheck.Input(30, 2, 1, 2));
    }

    [Fact]
    public void Dropout_BackwardUsesTheForwardMask()
    {
        var x = GradientCheck.Input(32, 1000);
        var y = F.Dropout(x, 0.25f, new Generator(3));
        F.Sum(y).Backward();
        var (input, output, gradient) = (x.ToArray(), y.ToArray(), x.Grad!.ToArray());
        for (var i = 0; i < input.Length; i++)
        {
            Assert.Equal(output[i] / input[i], gradient[i], 4);
        }

        Assert.InRange(gradient.Count(value => value == 0), 180, 320);
    }
}
