using System.Numerics;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// Where elements counted row-major over some axes lie in memory. A kernel argument: plain fields only, innermost axis first.
/// Division by the innermost length is a multiplication. <b>Source</b>: Granlund and Montgomery 1994, "Division by Invariant Integers using Multiplication".
/// </summary>
internal struct AxisWalk
{
    internal int Rank;
    internal int Length0;
    internal uint Reciprocal0;
    internal int Shift0;
    internal int Length1;
    internal int Length2;
    internal int Length3;
    internal int Length4;
    internal int Length5;
    internal int Length6;
    internal int Step0;
    internal int Step1;
    internal int Step2;
    internal int Step3;
    internal int Step4;
    internal int Step5;
    internal int Step6;
    internal int Step7;

    // The lengths of axes that are not there are divided by where a compiler folds constants before it drops what is never reached.
    private static AxisWalk Inner => new() { Length0 = 1, Length1 = 1, Length2 = 1, Length3 = 1, Length4 = 1, Length5 = 1, Length6 = 1 };

    /// <summary>Elements one after the other.</summary>
    internal static AxisWalk Dense => Line(1);

    /// <summary>Elements at even distances.</summary>
    internal static AxisWalk Line(int step) => Inner with { Rank = 1, Step0 = step };

    /// <summary>Runs of elements one after the other, at even distances.</summary>
    internal static AxisWalk Runs(int length, int step)
    {
        if (length == 1)
        {
            return Line(step);
        }

        var (reciprocal, shift) = Reciprocal(length);
        return Inner with { Rank = 2, Length0 = length, Reciprocal0 = reciprocal, Shift0 = shift, Step0 = 1, Step1 = step };
    }

    /// <summary>An operand's way along merged axes.</summary>
    internal static AxisWalk Of(in MergedAxes axes, int operand)
    {
        var (reciprocal, shift) = Reciprocal(Length(axes, 0));
        return new AxisWalk
        {
            Rank = axes.Rank,
            Length0 = Length(axes, 0),
            Reciprocal0 = reciprocal,
            Shift0 = shift,
            Length1 = Length(axes, 1),
            Length2 = Length(axes, 2),
            Length3 = Length(axes, 3),
            Length4 = Length(axes, 4),
            Length5 = Length(axes, 5),
            Length6 = Length(axes, 6),
            Step0 = Step(axes, operand, 0),
            Step1 = Step(axes, operand, 1),
            Step2 = Step(axes, operand, 2),
            Step3 = Step(axes, operand, 3),
            Step4 = Step(axes, operand, 4),
            Step5 = Step(axes, operand, 5),
            Step6 = Step(axes, operand, 6),
            Step7 = Step(axes, operand, 7),
        };
    }

    /// <summary>How far an element lies from the first. Divides no more than the axes ask for: they are nearly always one or two.</summary>
    internal readonly int Offset(int element)
    {
        if (Rank == 1)
        {
            return element * Step0;
        }

        var rest = (int)((uint)(((ulong)(uint)element * Reciprocal0) >> 32) >> Shift0);
        var offset = (element - rest * Length0) * Step0;
        return Rank == 2 ? offset + rest * Step1 : offset + Outer(rest);
    }

    /// <summary>For n from 0 to int.MaxValue: n / length = (n · reciprocal) / 2³² / 2ˢʰⁱᶠᵗ. Merged axes that are divided have lengths above 1.</summary>
    private static (uint Reciprocal, int Shift) Reciprocal(int length)
    {
        if (length == 1)
        {
            return (0, 0);
        }

        var power = 31 + BitOperations.Log2((uint)length - 1) + 1;
        return ((uint)((((UInt128)1 << power) + (uint)length - 1) / (uint)length), power - 32);
    }

    private static int Length(in MergedAxes axes, int fromLast) => axes.Rank > fromLast ? (int)axes.Length(axes.Rank - 1 - fromLast) : 1;

    private static int Step(in MergedAxes axes, int operand, int fromLast) => axes.Rank > fromLast ? (int)axes.Stride(operand, axes.Rank - 1 - fromLast) : 0;

    private readonly int Outer(int element)
    {
        var offset = element % Length1 * Step1;
        element /= Length1;
        offset += element % Length2 * Step2;
        element /= Length2;
        if (Rank > 4)
        {
            offset += element % Length3 * Step3;
            element /= Length3;
            offset += element % Length4 * Step4;
            element /= Length4;
            offset += element % Length5 * Step5;
            element /= Length5;
            offset += element % Length6 * Step6;
            return offset + element / Length6 * Step7;
        }

        return offset + element * Step3;
    }
}
