using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>Which team takes a piece of work, and how many of them are launched.</summary>
/// <param name="ByWarp">Warps, or else whole groups.</param>
/// <param name="Config">The launch.</param>
internal readonly record struct TeamPlan(bool ByWarp, KernelConfig Config)
{
    /// <summary>Packs that kernels keep in registers between the time they are summed and the time they are written.</summary>
    internal const int HeldPacks = 4;

    /// <summary>Elements of a piece below which a warp's lanes would mostly stand idle: threads take a piece each.</summary>
    internal const int FewElements = 16;

    // Leaves each thread registers enough for two held rows.
    private const int MostThreads = 512;

    // Groups a multiprocessor gets in turn, so that none stays idle for long at the end.
    private const int Waves = 8;

    /// <summary>Teams for that many pieces of that many elements: as few threads as hold a piece in registers, so that little is exchanged and much is loaded at once.</summary>
    internal static TeamPlan Of(GpuDevice device, long pieces, long length)
    {
        var warp = device.Accelerator.WarpSize;
        var threads = (length + HeldPacks * Float4.Count - 1) / (HeldPacks * Float4.Count);
        if (threads <= warp)
        {
            var warps = device.GroupSize / warp;
            return new TeamPlan(true, new KernelConfig(Groups(device, (pieces + warps - 1) / warps, device.GroupSize), device.GroupSize));
        }

        // A power of two: the number of warps must be whole, and few sizes mean few surprises.
        var most = Math.Min(MostThreads, device.Accelerator.MaxNumThreadsPerGroup);
        var size = warp;
        while (size * 2 <= most && size < threads)
        {
            size *= 2;
        }

        return new TeamPlan(false, new KernelConfig(Groups(device, pieces, size), size));
    }

    /// <summary>Whether pieces are so short, and so many, that a thread should take a piece by itself.</summary>
    internal static bool SuitThreads(GpuDevice device, int pieces, int length) => length <= FewElements && pieces >= device.Accelerator.NumMultiprocessors * device.Accelerator.WarpSize;

    /// <summary>Groups of one size for pieces that need a group each.</summary>
    internal static int Groups(GpuDevice device, long pieces, int groupSize) => (int)Math.Clamp(pieces, 1, (long)Full(device, groupSize) * Waves);

    /// <summary>Groups that are at work at once when the device is full.</summary>
    internal static int Full(GpuDevice device, int groupSize) => Math.Max(device.Accelerator.NumMultiprocessors * device.Accelerator.MaxNumThreadsPerMultiprocessor / groupSize, 1);
}
