using System.Runtime.Intrinsics;

namespace TaaS.Kernels.Cpu;

/// <summary>What follows a product while its result is still in cache.</summary>
internal static unsafe class Epilogue
{
    /// <summary>line[i] = act(line[i] + bias[i]).</summary>
    internal static void AddLine(float* line, float* bias, int length, bool relu)
    {
        var i = 0;
        for (; i <= length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var value = Vector256.Load(line + i) + Vector256.Load(bias + i);
            (relu ? Vector256.Max(value, Vector256<float>.Zero) : value).Store(line + i);
        }

        for (; i < length; i++)
        {
            line[i] = relu ? MathF.Max(line[i] + bias[i], 0) : line[i] + bias[i];
        }
    }

    /// <summary>line[i] = act(line[i] + bias).</summary>
    internal static void AddConstant(float* line, float bias, int length, bool relu)
    {
        var shift = Vector256.Create(bias);
        var i = 0;
        for (; i <= length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var value = Vector256.Load(line + i) + shift;
            (relu ? Vector256.Max(value, Vector256<float>.Zero) : value).Store(line + i);
        }

        for (; i < length; i++)
        {
            line[i] = relu ? MathF.Max(line[i] + bias, 0) : line[i] + bias;
        }
    }
}
