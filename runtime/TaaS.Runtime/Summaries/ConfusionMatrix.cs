namespace TaaS.Runtime.Summaries;

/// <summary>How often each class was taken for each other.</summary>
internal sealed class ConfusionMatrix
{
    private const int Cell = 16;

    // White to a deep blue.
    private static readonly (int Red, int Green, int Blue) Full = (8, 48, 107);

    private readonly long[] _counts;

    /// <summary>Makes an empty one.</summary>
    public ConfusionMatrix(int classes)
    {
        Classes = classes;
        _counts = new long[classes * classes];
    }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Samples of one class that were taken for another.</summary>
    public long this[int label, int taken] => _counts[label * Classes + taken];

    /// <summary>Counts a sample.</summary>
    public void Add(int label, int taken) => _counts[label * Classes + taken]++;

    /// <summary>Forgets all.</summary>
    public void Clear() => Array.Clear(_counts);

    /// <summary>Draws it: a row for each class, a column for what it was taken for; the darker, the larger the share of the row.</summary>
    public Bitmap Draw()
    {
        var picture = new Bitmap(Classes * Cell + 1, Classes * Cell + 1, 3);
        picture.Pixels.AsSpan().Fill(0xD0);
        for (var label = 0; label < Classes; label++)
        {
            long whole = 0;
            for (var taken = 0; taken < Classes; taken++)
            {
                whole += this[label, taken];
            }

            for (var taken = 0; taken < Classes; taken++)
            {
                Fill(picture, label, taken, whole == 0 ? 0 : (double)this[label, taken] / whole);
            }
        }

        return picture;
    }

    // A cell leaves its first row and column to the grid's lines.
    private static void Fill(Bitmap picture, int label, int taken, double share)
    {
        for (var row = 1; row < Cell; row++)
        {
            for (var column = 1; column < Cell; column++)
            {
                var pixel = picture[taken * Cell + column, label * Cell + row];
                pixel[0] = Shade(Full.Red, share);
                pixel[1] = Shade(Full.Green, share);
                pixel[2] = Shade(Full.Blue, share);
            }
        }
    }

    private static byte Shade(int full, double share) => (byte)Math.Round(byte.MaxValue + (full - byte.MaxValue) * share);
}
