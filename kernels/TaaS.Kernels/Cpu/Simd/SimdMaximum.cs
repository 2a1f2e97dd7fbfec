using System.Numerics;

namespace TaaS.Kernels.Cpu;

/// <summary>The largest of contiguous floats, NaN counting as largest, and where it lies first.</summary>
internal static unsafe class SimdMaximum
{
    /// <summary>The largest; −inf over no elements; NaN if there is one.</summary>
    public static float Of(float* x, long count)
    {
        var width = Vector<float>.Count;
        var first = new Vector<float>(float.NegativeInfinity);
        var second = first;
        long i = 0;
        for (; i <= count - 2 * width; i += 2 * width)
        {
            first = Vector.Max(first, Vector.Load(x + i));
            second = Vector.Max(second, Vector.Load(x + i + width));
        }

        for (; i <= count - width; i += width)
        {
            first = Vector.Max(first, Vector.Load(x + i));
        }

        first = Vector.Max(first, SimdPartial.Load(x + i, (int)(count - i), float.NegativeInfinity));
        first = Vector.Max(first, second);
        var largest = first[0];
        for (var lane = 1; lane < width; lane++)
        {
            largest = MathF.Max(largest, first[lane]);
        }

        return largest;
    }

    /// <summary>Position of the first that equals the largest, or of the first NaN; 0 over no elements.</summary>
    public static int IndexOf(float* x, int count)
    {
        var largest = Of(x, count);
        var isNaN = float.IsNaN(largest);
        var wanted = new Vector<float>(largest);
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var lanes = Vector.Load(x + i);
            if (isNaN ? !Vector.EqualsAll(lanes, lanes) : Vector.EqualsAny(lanes, wanted))
            {
                break;
            }
        }

        for (; i < count; i++)
        {
            if (x[i] == largest || (isNaN && float.IsNaN(x[i])))
            {
                return i;
            }
        }

        return 0;
    }
}
