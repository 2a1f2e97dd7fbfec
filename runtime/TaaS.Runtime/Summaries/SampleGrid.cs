using TaaS.Engine.Data;
using TaaS.Kernels;

namespace TaaS.Runtime.Summaries;

/// <summary>A picture of a data set's first samples, side by side.</summary>
internal static class SampleGrid
{
    private const int Columns = 8;
    private const int Rows = 4;
    private const int Gap = 1;

    /// <summary>Draws it; null where samples are no pictures ([channels, rows, columns] with 1 or 3 channels) or there are none.</summary>
    /// <exception cref="DataException">A sample cannot be read.</exception>
    public static Bitmap? Draw(IDataset dataset)
    {
        var shape = dataset.SampleShape;
        if (shape.Rank != 3 || shape[0] is not (1 or 3) || shape.Elements == 0 || dataset.Count == 0)
        {
            return null;
        }

        var (height, width) = (shape[1], shape[2]);
        var count = Math.Min(dataset.Count, Columns * Rows);
        var columns = Math.Min(count, Columns);
        var rows = (count + columns - 1) / columns;
        var picture = new Bitmap(columns * (width + Gap) - Gap, rows * (height + Gap) - Gap, shape[0]);
        var sample = new float[shape.Elements];
        for (var index = 0; index < count; index++)
        {
            dataset.Read(index, sample, out _);
            DrawSample(picture, sample, shape, index % columns * (width + Gap), index / columns * (height + Gap));
        }

        return picture;
    }

    // Samples are scaled and shifted for training; each is stretched to the range of its own values.
    private static void DrawSample(Bitmap picture, ReadOnlySpan<float> sample, Shape shape, int left, int top)
    {
        var (least, most) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (var value in sample)
        {
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        }

        var scale = most > least ? byte.MaxValue / (most - least) : 0;
        for (var row = 0; row < shape[1]; row++)
        {
            for (var column = 0; column < shape[2]; column++)
            {
                var pixel = picture[left + column, top + row];
                for (var channel = 0; channel < pixel.Length; channel++)
                {
                    pixel[channel] = (byte)((sample[(channel * shape[1] + row) * shape[2] + column] - least) * scale);
                }
            }
        }
    }
}
