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
            right += Best(outputs.Slice(row * classes, classes)) == labels[row] ? 1 : 0;
        }

        return right;
    }

    /// <summary>Index of a sample's largest output; of equal ones the first.</summary>
    public static int Best(ReadOnlySpan<float> outputs)
    {
        var best = 0;
        for (var at = 1; at < outputs.Length; at++)
        {
            best = outputs[at] > outputs[best] ? at : best;
        }

        return best;
    }
}
