namespace TaaS.Kernels.Gpu;

/// <summary>How long pieces of work are cut, so that few of them fill the device too, and no thread adds up so many numbers that rounding counts. Depends on the device and the shapes alone.</summary>
/// <param name="Count">Cuts of a piece.</param>
/// <param name="Chunk">Length of a cut, a whole number of packs; the last is shorter.</param>
internal readonly record struct Split(int Count, int Chunk)
{
    // Terms a thread adds to one number before another kernel goes on.
    private const int MostTerms = 256;

    // Rows or packs below which a cut costs more than it gains.
    private const int FewestTerms = 4;

    /// <summary>Cuts pieces, at least one, of which a group takes so many elements a turn.</summary>
    internal static Split Of(GpuDevice device, long pieces, int length, int perTurn)
    {
        var wanted = (TeamPlan.Full(device, device.GroupSize) * 2L + pieces - 1) / pieces;
        var useful = Math.Max(length / ((long)perTurn * FewestTerms), 1);
        var needed = (length + (long)perTurn * MostTerms - 1) / ((long)perTurn * MostTerms);
        var count = Math.Max(Math.Min(wanted, useful), needed);
        var chunk = (length + count - 1) / count;
        chunk = (chunk + Float4.Count - 1) / Float4.Count * Float4.Count;
        return new Split((int)Math.Max((length + chunk - 1) / Math.Max(chunk, 1), 1), (int)Math.Min(chunk, int.MaxValue - Float4.Count + 1));
    }
}
