namespace TaaS.Kernels.Cpu;

/// <summary>One axis of the patches of an image: pixel i of the grid and tap t meet at source position i·Step + Offset + t·OffsetStep.</summary>
/// <param name="Grid">Pixels along the axis.</param>
/// <param name="Step">Source positions between pixels.</param>
/// <param name="Taps">Taps along the axis.</param>
/// <param name="Length">Source positions that exist; all others are zero.</param>
internal readonly record struct PatchAxis(int Grid, int Step, AxisTaps Taps, int Length)
{
    /// <summary>Lowest source position that pixel 0 meets.</summary>
    internal int Low => Math.Min(Taps.Offset, Taps.Offset + (Math.Max(Taps.Count, 1) - 1) * Taps.OffsetStep);

    /// <summary>Whether no tap of any pixel leaves the source.</summary>
    internal bool Fits => Low >= 0 && Low + Extent(Grid) <= Length;

    /// <summary>Source positions under that many neighbouring pixels.</summary>
    internal int Extent(int pixels) => Math.Max(pixels - 1, 0) * Step + Math.Max(Taps.Count - 1, 0) * Math.Abs(Taps.OffsetStep) + 1;

    /// <summary>Position of a tap, counted from <see cref="Low"/>.</summary>
    internal int TapOffset(int tap) => Taps.Offset + tap * Taps.OffsetStep - Low;
}
