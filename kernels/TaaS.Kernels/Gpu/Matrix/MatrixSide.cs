using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>A matrix as an operand: lines (rows of the left, columns of the right operand) and the terms along each. A kernel argument: plain fields only.</summary>
internal struct MatrixSide
{
    internal ArrayView<float> Values;

    /// <summary>Elements from a line to the next, or from a term to the next where the lines lie side by side.</summary>
    internal int Step;

    /// <summary>Elements from a matrix of the batch to the next.</summary>
    internal int BatchStep;

    internal int Lines;
    internal int Terms;

    /// <summary>1 where every whole quad lies at a 16-byte address.</summary>
    internal int Aligned;

    /// <summary>A side of a product and whether its terms (rather than its lines) lie side by side. Steps of axes of length 1 do not count.</summary>
    internal static (MatrixSide Side, bool TermsTogether) Of(ArrayView<float> values, long offset, int lines, long lineStep, int terms, long termStep, int batches, long batchStep)
    {
        var together = terms > 1 ? termStep == 1 : lineStep != 1;
        var step = together ? (lines > 1 ? lineStep : 0) : terms > 1 ? termStep : 0;
        return (Of(values, offset, lines, terms, step, batches, batchStep), together);
    }

    /// <summary>A side of which the caller knows what lies side by side: the terms, with that step between lines, or the lines.</summary>
    internal static MatrixSide Of(ArrayView<float> values, long offset, int lines, int terms, long step, int batches, long batchStep)
    {
        var side = new MatrixSide
        {
            Values = values.SubView(offset),
            Step = (int)step,
            BatchStep = (int)(batches > 1 ? batchStep : 0),
            Lines = lines,
            Terms = terms,
        };
        side.Aligned = (offset | (long)side.Step | (long)side.BatchStep) % Float4.Count == 0 ? 1 : 0;
        return side;
    }

    /// <summary>Whether <see cref="WholeEdge"/> is right for it.</summary>
    internal readonly bool IsWhole(bool termsTogether) =>
        Aligned != 0 && Terms > 0 && Terms % WholeEdge.TermsMultiple == 0 && (termsTogether || Lines % Float4.Count == 0);

    /// <summary>Four neighbours at a 16-byte address.</summary>
    internal readonly Float4 Quad(int at) => Values.Cast<Float4>()[at >> 2];
}
