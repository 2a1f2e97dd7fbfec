using System.Runtime.InteropServices;

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
}
