using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// One operand of a product as one thread sees it while the group walks along the sums: the thread fetches quads of four neighbouring elements
/// into registers, and stages them in shared memory. What lies beyond the operand is fetched as 0.
/// </summary>
internal interface IOperand
{
    /// <summary>Points the thread at its part of the panel that begins at this line and this term.</summary>
    void Seek<TPanel>(int thread, int firstLine, int firstTerm, int batch)
        where TPanel : struct, IPanel;

    /// <summary>One of the thread's quads of the panel at hand; they are fetched once each, in order.</summary>
    Float4 Fetch<TPanel>(int quad)
        where TPanel : struct, IPanel;

    /// <summary>Puts a fetched quad where it belongs in a panel in shared memory.</summary>
    void Stage<TPanel>(ArrayView<Float4> panel, int thread, int quad, Float4 values)
        where TPanel : struct, IPanel;

    /// <summary>Goes on to the next panel along the sums.</summary>
    void Advance<TPanel>()
        where TPanel : struct, IPanel;
}

/// <summary>The quads that a thread brings into a panel, in registers on their way.</summary>
internal struct Quads
{
    private Float4 _first;
    private Float4 _second;
    private Float4 _third;
    private Float4 _fourth;

    internal static Quads Fetch<TPanel, TOperand>(ref TOperand operand)
        where TPanel : struct, IPanel
        where TOperand : struct, IOperand
    {
        Quads quads = default;
        quads._first = operand.Fetch<TPanel>(0);
        if (Panel<TPanel>.QuadsPerThread > 1)
        {
            quads._second = operand.Fetch<TPanel>(1);
        }

        if (Panel<TPanel>.QuadsPerThread > 2)
        {
            quads._third = operand.Fetch<TPanel>(2);
            quads._fourth = operand.Fetch<TPanel>(3);
        }

        operand.Advance<TPanel>();
        return quads;
    }

    internal readonly void Stage<TPanel, TOperand>(ref TOperand operand, ArrayView<Float4> panel, int thread)
        where TPanel : struct, IPanel
        where TOperand : struct, IOperand
    {
        operand.Stage<TPanel>(panel, thread, 0, _first);
        if (Panel<TPanel>.QuadsPerThread > 1)
        {
            operand.Stage<TPanel>(panel, thread, 1, _second);
        }

        if (Panel<TPanel>.QuadsPerThread > 2)
        {
            operand.Stage<TPanel>(panel, thread, 2, _third);
            operand.Stage<TPanel>(panel, thread, 3, _fourth);
        }
    }
}
