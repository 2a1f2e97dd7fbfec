using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>The loop of argmax.</summary>
internal static class ArgMaxKernels
{
    /// <summary>A team searches one line of x: each thread keeps the first of its largest, then the threads compare.</summary>
    internal static void ArgMax<TTeam>(ArrayView<float> x, ArrayView<int> y, AxisWalk source, AxisWalk target, int outputs, int length, int step)
        where TTeam : struct, ITeam
    {
        var room = GroupReduce.Room<Largest>();
        for (var output = TTeam.First; output < outputs; output += TTeam.Step)
        {
            var line = source.Offset(output);
            var best = Largest.Empty;
            for (var i = TTeam.Lane; i < length; i += TTeam.Lanes)
            {
                best = Largest.Combine(best, new Largest(x[line + i * step], i));
            }

            best = GroupReduce.All<TTeam, Largest>(best, room);
            if (TTeam.Lane == 0)
            {
                y[target.Offset(output)] = best.Index;
            }
        }
    }
}

/// <summary>The largest number and where it stands: NaN above all, the first of equals.</summary>
internal struct Largest(float value, int index) : IAccumulator<Largest>
{
    internal float Value = value;
    internal int Index = index;

    public static bool IsSymmetric => true;

    public static Largest Empty => new(float.NegativeInfinity, int.MaxValue);

    public static Largest Combine(Largest a, Largest b)
    {
        bool first = float.IsNaN(a.Value), second = float.IsNaN(b.Value);
        var equal = first == second && (first || a.Value == b.Value);
        var later = equal ? b.Index < a.Index : second || (!first && b.Value > a.Value);
        return later ? b : a;
    }

    public static Largest FromLane(Largest value, int mask) => new(Warp.ShuffleXor(value.Value, mask), Warp.ShuffleXor(value.Index, mask));
}
