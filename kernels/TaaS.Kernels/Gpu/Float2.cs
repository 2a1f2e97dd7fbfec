using System.Runtime.InteropServices;

namespace TaaS.Kernels.Gpu;

/// <summary>Two neighbouring floats, which the device loads and stores with one 8-byte access. Its address must be a multiple of 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Float2(float x, float y)
{
    internal const int Count = 2;

    internal float X = x;
    internal float Y = y;
}
