using System.Numerics;

namespace TaaS.Kernels.Cpu;

/// <summary>The element-wise ends of normalisation.</summary>
internal static unsafe class Affine
{
    /// <summary>y = (x − center) · scale + shift.</summary>
    internal static void Run(float* x, float* y, int count, float center, float scale, float shift)
    {
        Vector<float> middle = new(center), factor = new(scale), offset = new(shift);
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.FusedMultiplyAdd(Vector.Load(x + i) - middle, factor, offset).Store(y + i);
        }

        for (; i < count; i++)
        {
            y[i] = MathF.FusedMultiplyAdd(x[i] - center, scale, shift);
        }
    }

    /// <summary>y = (x − center) · scale · gamma + beta, gamma and beta by element.</summary>
    internal static void Run(float* x, float* y, int count, float center, float scale, float* gamma, float* beta)
    {
        Vector<float> middle = new(center), factor = new(scale);
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.FusedMultiplyAdd((Vector.Load(x + i) - middle) * factor, Vector.Load(gamma + i), Vector.Load(beta + i)).Store(y + i);
        }

        for (; i < count; i++)
        {
            y[i] = MathF.FusedMultiplyAdd((x[i] - center) * scale, gamma[i], beta[i]);
        }
    }

    /// <summary>dx = dy · scale + (x − center) · slope + shift.</summary>
    internal static void Run(float* dy, float* x, float* dx, int count, float scale, float center, float slope, float shift)
    {
        Vector<float> factor = new(scale), middle = new(center), second = new(slope), offset = new(shift);
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var rest = Vector.FusedMultiplyAdd(Vector.Load(x + i) - middle, second, offset);
            Vector.FusedMultiplyAdd(Vector.Load(dy + i), factor, rest).Store(dx + i);
        }

        for (; i < count; i++)
        {
            dx[i] = MathF.FusedMultiplyAdd(dy[i], scale, MathF.FusedMultiplyAdd(x[i] - center, slope, shift));
        }
    }
}
