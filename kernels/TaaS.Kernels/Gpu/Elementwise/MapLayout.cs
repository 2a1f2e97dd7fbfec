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

    /// <summary>Where an element, counted row-major, lies along each axis.</summary>
    internal readonly AxisPosition Position(int element)
    {
        AxisPosition position;
        position.P3 = element % Length3;
        element /= Length3;
        position.P2 = element % Length2;
        element /= Length2;
        position.P1 = element % Length1;
        position.P0 = element / Length1;
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

    private static int Step(in MergedAxes axes, int operand, int fromLast) => axes.Rank >= fromLast ? (int)axes.Stride(operand, axes.Rank - fromLast) : 0;
}
