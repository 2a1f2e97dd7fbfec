namespace TaaS.Kernels.Gpu;

/// <summary>How a group's threads are laid out where neighbours take neighbouring columns: lines of a width, each on a row of its own.</summary>
internal static class ColumnTiles
{
    /// <summary>Threads of a line: a warp, or the power of two that covers fewer columns, so that few threads stand idle.</summary>
    internal static int Width(GpuDevice device, int columns)
    {
        var width = 1;
        while (width < device.Accelerator.WarpSize && width < columns)
        {
            width *= 2;
        }

        return width;
    }
}
