using System.Numerics;

namespace TaaS.Kernels.Cpu;

/// <summary>y = eˣ / Σ eˣ.</summary>
internal readonly unsafe struct SoftmaxRow(float* x, float* y) : IRowOperator
{
    public void Apply(long row, int length)
    {
        var output = y + row * length;
        var sum = Exponentials.Store(x + row * length, SimdMaximum.Of(x + row * length, length), output, length);
        Exponentials.Scale(output, (float)(1 / sum), length);
    }
}

/// <summary>dx = y · (dy − Σ dy·y).</summary>
internal readonly unsafe struct SoftmaxGradientRow(float* y, float* dy, float* dx) : IRowOperator
{
    public void Apply(long row, int length)
    {
        float* value = y + row * length, gradient = dy + row * length, target = dx + row * length;
        var dot = (float)SimdSum.OfProducts(gradient, value, length);
        var shift = new Vector<float>(dot);
        var i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (Vector.Load(value + i) * (Vector.Load(gradient + i) - shift)).Store(target + i);
        }

        for (; i < length; i++)
        {
            target[i] = value[i] * (gradient[i] - dot);
        }
    }
}

/// <summary>y = x − log Σ eˣ.</summary>
internal readonly unsafe struct LogSoftmaxRow(float* x, float* y) : IRowOperator
{
    public void Apply(long row, int length)
    {
        float* input = x + row * length, output = y + row * length;
        var largest = SimdMaximum.Of(input, length);
        var logSum = (float)Math.Log(Exponentials.Store(input, largest, output, length));
        Vector<float> center = new(largest), shift = new(logSum);
        var i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (Vector.Load(input + i) - center - shift).Store(output + i);
        }

        for (; i < length; i++)
        {
            output[i] = input[i] - largest - logSum;
        }
    }
}

/// <summary>dx = dy − eʸ · Σ dy.</summary>
internal readonly unsafe struct LogSoftmaxGradientRow(float* y, float* dy, float* dx) : IRowOperator
{
    public void Apply(long row, int length)
    {
        float* value = y + row * length, gradient = dy + row * length, target = dx + row * length;
        var sum = new Vector<float>((float)SimdSum.Of(gradient, length));
        for (var i = 0; i < length; i += Vector<float>.Count)
        {
            var count = Math.Min(Vector<float>.Count, length - i);
            var result = SimdPartial.Load(gradient + i, count) - SimdMath.Exp(SimdPartial.Load(value + i, count)) * sum;
            SimdPartial.Store(result, target + i, count);
        }
    }
}

/// <summary>losses[row] = −log softmax(logits)[label], dlogits = (softmax − onehot) / rows.</summary>
internal readonly unsafe struct CrossEntropyRow(float* logits, int* labels, double* losses, float* dlogits, int rows) : IRowOperator
{
    public void Apply(long row, int length)
    {
        float* input = logits + row * length, output = dlogits + row * length;
        var label = labels[row];
        var largest = SimdMaximum.Of(input, length);
        var sum = Exponentials.Store(input, largest, output, length);
        losses[row] = Math.Log(sum) + largest - input[label];
        Exponentials.Scale(output, (float)(1 / (sum * rows)), length);
        output[label] -= 1f / rows;
    }
}
