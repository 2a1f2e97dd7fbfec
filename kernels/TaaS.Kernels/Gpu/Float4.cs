using System.Runtime.InteropServices;
using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>Four neighbouring floats, which the device loads and stores with one 16-byte access. Its address must be a multiple of 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Float4(float x, float y, float z, float w)
{
    internal const int Count = 4;

    internal float X = x;
    internal float Y = y;
    internal float Z = z;
    internal float W = w;

    internal readonly Float4 Plus(Float4 other) => new(X + other.X, Y + other.Y, Z + other.Z, W + other.W);

    internal readonly Float4 Times(float factor) => new(X * factor, Y * factor, Z * factor, W * factor);

    /// <summary>Negative values become 0; NaN stays.</summary>
    internal readonly Float4 Relu() => new(GpuMath.Max(X, 0f), GpuMath.Max(Y, 0f), GpuMath.Max(Z, 0f), GpuMath.Max(W, 0f));

    /// <summary>Neighbours at any address, of which the first few exist; the others are 0.</summary>
    internal static Float4 Load(ArrayView<float> values, int at, int exist) => new(
        exist > 0 ? values[at] : 0f,
        exist > 1 ? values[at + 1] : 0f,
        exist > 2 ? values[at + 2] : 0f,
        exist > 3 ? values[at + 3] : 0f);

    /// <summary>Writes the first few to any address.</summary>
    internal readonly void Store(ArrayView<float> values, int at, int exist)
    {
        Put(values, at, exist > 0, X);
        Put(values, at + 1, exist > 1, Y);
        Put(values, at + 2, exist > 2, Z);
        Put(values, at + 3, exist > 3, W);
    }

    private static void Put(ArrayView<float> values, int at, bool exists, float value)
    {
        if (exists)
        {
            values[at] = value;
        }
    }
}
