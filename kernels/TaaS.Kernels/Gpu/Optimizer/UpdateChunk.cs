using System.Runtime.InteropServices;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// A run of neighbouring elements of one parameter, as it lies in the device's memory: an entry of an <see cref="UpdateTable"/>.
/// Positions are counted in floats from the beginning of <see cref="UpdateTable.Reach"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UpdateChunk
{
    internal long Parameter;
    internal long Gradient;
    internal long First;
    internal long Second;
    internal int Length;

    /// <summary>How many 16-byte words of it may be accessed as such: all that are whole, or none where some operand is not aligned.</summary>
    internal int Words;
}
