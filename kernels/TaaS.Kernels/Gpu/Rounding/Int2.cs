using System.Runtime.InteropServices;

namespace TaaS.Kernels.Gpu;

/// <summary>Two neighbouring integers, which the device loads and stores with one 8-byte access. Its address must be a multiple of 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Int2(int x, int y)
{
    internal int X = x;
    internal int Y = y;
}
