namespace TaaS.Kernels.Reference;

internal sealed class ReferenceElementwise : IElementwiseKernels
{
    public void Binary(BinaryOp op, View a, View b, View y)
    {
        for (long i = 0; i < y.Elements; i++)
        {
            StridedIndex.At(y, i) = Apply(op, StridedIndex.At(a, i), StridedIndex.At(b, i));
        }
    }

    public void BinaryScalar(BinaryOp op, View a, float s, View y)
    {
        for (long i = 0; i < y.Elements; i++)
        {
            StridedIndex.At(y, i) = Apply(op, StridedIndex.At(a, i), s);
        }
    }

    public void Unary(UnaryOp op, View x, View y, float alpha = 0.01f)
    {
        for (long i = 0; i < y.Elements; i++)
        {
            StridedIndex.At(y, i) = (float)Apply(op, StridedIndex.At(x, i), alpha);
        }
    }

    public void UnaryBackward(UnaryOp op, View x, View y, View dy, View dx, float alpha = 0.01f)
    {
        for (long i = 0; i < dx.Elements; i++)
        {
            StridedIndex.At(dx, i) = (float)(StridedIndex.At(dy, i) * Slope(op, StridedIndex.At(x, i), StridedIndex.At(y, i), alpha));
        }
    }

    public void Axpy(float alpha, View x, View y)
    {
        for (long i = 0; i < y.Elements; i++)
        {
            ref var target = ref StridedIndex.At(y, i);
            target = (float)(target + (double)alpha * StridedIndex.At(x, i));
        }
    }

    public void Fill(View y, float value)
    {
        for (long i = 0; i < y.Elements; i++)
        {
            StridedIndex.At(y, i) = value;
        }
    }

    public void Copy(View x, View y)
    {
        if (y.Buffer.DType == DType.Int32)
        {
            var source = ((HostBuffer)x.Buffer).Ints;
            var target = ((HostBuffer)y.Buffer).Ints;
            for (long i = 0; i < y.Elements; i++)
            {
                target[(int)StridedIndex.Of(y, i)] = source[(int)StridedIndex.Of(x, i)];
            }

            return;
        }

        for (long i = 0; i < y.Elements; i++)
        {
            StridedIndex.At(y, i) = StridedIndex.At(x, i);
        }
    }

    public void OneHot(View labels, View y)
    {
        ReadOnlySpan<int> positions = labels.Ints;
        var target = y.Floats;
        target.Clear();
        for (var row = 0; row < positions.Length; row++)
        {
            target[row * y.Shape[1] + positions[row]] = 1;
        }
    }

    private static float Apply(BinaryOp op, float a, float b) => op switch
    {
        BinaryOp.Add => a + b,
        BinaryOp.Subtract => a - b,
        BinaryOp.Multiply => a * b,
        BinaryOp.Divide => a / b,
        BinaryOp.Maximum => MathF.Max(a, b),
        BinaryOp.Minimum => MathF.Min(a, b),
        BinaryOp.Power => (float)Math.Pow(a, b),
        BinaryOp.Greater => a > b ? 1 : 0,
        BinaryOp.Equal => a == b ? 1 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, null),
    };

    private static double Apply(UnaryOp op, double x, float alpha) => op switch
    {
        UnaryOp.Negate => -x,
        UnaryOp.Absolute => Math.Abs(x),
        UnaryOp.Exp => Math.Exp(x),
        UnaryOp.Log => Math.Log(x),
        UnaryOp.Sqrt => Math.Sqrt(x),
        UnaryOp.Relu => Math.Max(x, 0),
        UnaryOp.LeakyRelu => x > 0 ? x : alpha * x,
        UnaryOp.Gelu => double.IsNegativeInfinity(x) ? 0 : x * NormalCdf(x),
        UnaryOp.Sigmoid => 1 / (1 + Math.Exp(-x)),
        UnaryOp.Tanh => Math.Tanh(x),
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, null),
    };

    private static double Slope(UnaryOp op, double x, double y, float alpha) => op switch
    {
        UnaryOp.Negate => -1,
        UnaryOp.Absolute => double.IsNaN(x) ? x : Math.Sign(x),
        UnaryOp.Exp => y,
        UnaryOp.Log => 1 / x,
        UnaryOp.Sqrt => 0.5 / y,
        UnaryOp.Relu => x > 0 ? 1 : 0,
        UnaryOp.LeakyRelu => x > 0 ? 1 : alpha,
        UnaryOp.Gelu => double.IsInfinity(x) ? (x > 0 ? 1 : 0) : NormalCdf(x) + x * Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI),
        UnaryOp.Sigmoid => y * (1 - y),
        UnaryOp.Tanh => 1 - y * y,
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, null),
    };

    private static double NormalCdf(double x) => 0.5 * Erfc(-x / Math.Sqrt(2));

    /// <summary>Complementary error function: series near 0, continued fraction (Lentz) in the tails; error below 1e-14. Abramowitz and Stegun 7.1.5 and 7.1.14.</summary>
    private static double Erfc(double x)
    {
        if (double.IsNaN(x))
        {
            return x;
        }

        var z = Math.Abs(x);
        if (z < 3)
        {
            double term = x, sum = x;
            for (var n = 1; n < 200 && Math.Abs(term) > 1e-18 * Math.Abs(sum); n++)
            {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }

            return 1 - 2 / Math.Sqrt(Math.PI) * sum;
        }

        double fraction = 0;
        for (var k = 60; k > 0; k--)
        {
            fraction = 0.5 * k / (z + fraction);
        }

        var tail = Math.Exp(-z * z) / Math.Sqrt(Math.PI) / (z + fraction);
        return x > 0 ? tail : 2 - tail;
    }
}
