using System.Runtime.InteropServices;

namespace TaaS.Kernels.Gpu;

/// <summary>Four neighbouring integers; see <see cref="Float4"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Int4(int x, int y, int z, int w)
{
    internal int X = x;
    internal int Y = y;
    internal int Z = z;
    internal int W = w;
}
