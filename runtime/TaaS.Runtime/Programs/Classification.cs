namespace TaaS.Runtime.Programs;

/// <summary>The score of a classifier.</summary>
internal static class Classification
{
    /// <summary>Samples whose largest output is their label; of equal outputs the first counts.</summary>
    public static int CountRight(ReadOnlySpan<float> outputs, ReadOnlySpan<int> labels)
    {
        var classes = outputs.Length / labels.Length;
        var right = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            var sample = outputs.Slice(row * classes, classes);
            var best = 0;
            for (var at = 1; at < classes; at++)
            {
                best = sample[at] > sample[best] ? at : best;
            }

            right += best == labels[row] ? 1 : 0;
        }

        return right;
    }
}
