namespace TaaS.Kernels.Gpu;

/// <summary>Up to four merged axes, and how operands 0 (the result), 1 and 2 (the inputs) step along them, innermost last. A kernel argument: plain fields only.</summary>
internal struct MapLayout
{
    internal const int MaxRank = 4;

    internal int Length1;
    internal int Length2;
    internal int Length3;
    internal AxisSteps Result;
    internal AxisSteps First;
    internal AxisSteps Second;

    /// <summary>The innermost axes of a walk, as many as fit.</summary>
    internal static MapLayout Of(in MergedAxes axes) => new()
    {
        Length1 = Length(axes, 3),
        Length2 = Length(axes, 2),
        Length3 = Length(axes, 1),
        Result = AxisSteps.Of(axes, 0),
        First = AxisSteps.Of(axes, 1),
        Second = AxisSteps.Of(axes, 2),
    };

    /// <summary>
    /// The same walk by four elements at a time, where that can be: the innermost axis is whole quads, the result steps by one along it, each input by one
    /// or not at all, and every quad lies at a multiple of four elements. Lengths and steps then count quads, but for the inputs that stand still: those are spread.
    /// </summary>
    /// <param name="axes">All axes; more than <see cref="MaxRank"/> are not walked.</param>
    /// <param name="offsets">Where the operands begin.</param>
    /// <param name="layout">The walk.</param>
    /// <param name="spread">Bit 0: the first input is spread; bit 1: the second.</param>
    internal static bool TryWiden(in MergedAxes axes, ReadOnlySpan<long> offsets, out MapLayout layout, out int spread)
    {
        layout = Of(axes);
        spread = 0;
        if (axes.Rank > MaxRank || axes.Inner % Float4.Count != 0)
        {
            return false;
        }

        for (var operand = 0; operand < offsets.Length; operand++)
        {
            if (operand > 0 && axes.InnerStride(operand) == 0)
            {
                spread |= 1 << (operand - 1);
                continue;
            }

            var rest = axes.InnerStride(operand) == 1 ? offsets[operand] : 1;
            for (var axis = 0; axis < axes.Rank - 1; axis++)
            {
                rest |= axes.Stride(operand, axis);
            }

            if (rest % Float4.Count != 0)
            {
                return false;
            }
        }

        layout.Length3 /= Float4.Count;
        layout.Result = layout.Result.InQuads();
        layout.First = (spread & 1) != 0 ? layout.First : layout.First.InQuads();
        layout.Second = (spread & 2) != 0 ? layout.Second : layout.Second.InQuads();
        return true;
    }

    /// <summary>Where an element, counted row-major, lies along each axis. A remainder is what the quotient leaves, so that each axis takes one division; a branch here would make ILGPU keep whole layouts in local memory.</summary>
    internal readonly AxisPosition Position(int element)
    {
        AxisPosition position;
        var rest = element / Length3;
        position.P3 = element - rest * Length3;
        element = rest / Length2;
        position.P2 = rest - element * Length2;
        position.P0 = element / Length1;
        position.P1 = element - position.P0 * Length1;
        return position;
    }

    private static int Length(in MergedAxes axes, int fromLast) => axes.Rank >= fromLast ? (int)axes.Length(axes.Rank - fromLast) : 1;
}

/// <summary>A position along four axes.</summary>
internal struct AxisPosition
{
    internal int P0;
    internal int P1;
    internal int P2;
    internal int P3;
}

/// <summary>Steps of an operand along four axes, in elements.</summary>
internal struct AxisSteps
{
    internal int S0;
    internal int S1;
    internal int S2;
    internal int S3;

    internal static AxisSteps Of(in MergedAxes axes, int operand) => new()
    {
        S0 = Step(axes, operand, 4),
        S1 = Step(axes, operand, 3),
        S2 = Step(axes, operand, 2),
        S3 = Step(axes, operand, 1),
    };

    /// <summary>How far the position lies from the operand's first element.</summary>
    internal readonly int Offset(in AxisPosition at) => at.P0 * S0 + at.P1 * S1 + at.P2 * S2 + at.P3 * S3;

    /// <summary>The same steps in quads; along the innermost axis it is one element to the next, and so one quad to the next.</summary>
    internal readonly AxisSteps InQuads() => new() { S0 = S0 / Float4.Count, S1 = S1 / Float4.Count, S2 = S2 / Float4.Count, S3 = S3 };

    private static int Step(in MergedAxes axes, int operand, int fromLast) => axes.Rank >= fromLast ? (int)axes.Stride(operand, axes.Rank - fromLast) : 0;
}
