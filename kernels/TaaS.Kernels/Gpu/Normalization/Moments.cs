using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// Count, mean and Σ (x − mean)² of some numbers. Merging two never subtracts large numbers that are nearly equal, and leaves equal means as they are.
/// <b>Source</b>: Chan, Golub and LeVeque 1979, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances".
/// </summary>
internal struct Moments(float count, float mean, float square) : IAccumulator<Moments>
{
    internal float Count = count;
    internal float Mean = mean;
    internal float Square = square;

    public static bool IsSymmetric => false;

    public static Moments Empty => new(0f, 0f, 0f);

    public static Moments Combine(Moments a, Moments b)
    {
        var count = a.Count + b.Count;
        var share = count > 0f ? b.Count / count : 0f;
        var difference = b.Mean - a.Mean;
        return new Moments(count, a.Mean + difference * share, a.Square + b.Square + difference * difference * a.Count * share);
    }

    public static Moments FromLane(Moments value, int mask) => new(Warp.ShuffleXor(value.Count, mask), Warp.ShuffleXor(value.Mean, mask), Warp.ShuffleXor(value.Square, mask));

    /// <summary>From sums of differences from a number among the values: what the values have in common costs no digits.</summary>
    internal static Moments Of(int count, float shift, float sum, float square)
    {
        if (count == 0)
        {
            return Empty;
        }

        // Rounding must not leave less than nothing: its root would be NaN.
        var rest = square - sum * (sum / count);
        return new Moments(count, shift + sum / count, rest < 0f ? 0f : rest);
    }
}
