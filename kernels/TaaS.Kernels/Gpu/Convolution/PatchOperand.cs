using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// The patches of images as an operand, read where they lie: a line and a term, of which one walks over pixels and the other over a filter's elements,
/// meet at one element of the image, or in the padding, which counts as 0. Neighbouring threads read neighbouring lines of one term.
/// A thread divides once to find its place and then only counts on.
/// </summary>
internal struct PatchOperand : IOperand
{
    internal ArrayView<float> Images;

    /// <summary>Rows of an image.</summary>
    internal int Height;

    /// <summary>Columns of an image.</summary>
    internal int Width;

    /// <summary>Elements between the first channels of neighbouring groups.</summary>
    internal int GroupStep;

    /// <summary>Row at which the first line and the first term meet; negative in the padding.</summary>
    internal int FirstRow;

    /// <summary>Column at which the first line and the first term meet.</summary>
    internal int FirstColumn;

    internal PatchWalk Lines;
    internal PatchWalk Terms;

    // Rows this far up never reach an image.
    private const int Nowhere = int.MinValue / 2;

    private int _group;
    private int _line;
    private int _row;
    private int _column;
    private int _first;
    private PatchPosition _term;

    /// <summary>The patches that these taps meet in a group's channels of the images.</summary>
    internal static PatchOperand Of(in View images, int groups, in AxisTaps rows, in AxisTaps columns) => new()
    {
        Images = ((GpuBuffer)images.Buffer).Floats.SubView(images.Offset),
        Height = images.Shape[2],
        Width = images.Shape[3],
        GroupStep = images.Shape[1] / groups * images.Shape[2] * images.Shape[3],
        FirstRow = rows.Offset,
        FirstColumn = columns.Offset,
    };

    public void Seek<TPanel>(int thread, int firstLine, int firstTerm, int batch)
        where TPanel : struct, IPanel
    {
        _group = batch * GroupStep;
        _line = firstLine + thread % TPanel.Lines;
        _term = Terms.Position(firstTerm + thread / TPanel.Lines);
        SeekLine(_line);
    }

    public Float4 Fetch<TPanel>(int quad)
        where TPanel : struct, IPanel
    {
        if (LinesPerThread<TPanel>() > 1)
        {
            SeekLine(_line + quad % LinesPerThread<TPanel>() * TPanel.Threads);
        }

        Float4 values;
        var term = _term;
        values.X = Element(term);
        term = Next<TPanel>(term);
        values.Y = Element(term);
        term = Next<TPanel>(term);
        values.Z = Element(term);
        term = Next<TPanel>(term);
        values.W = Element(term);
        term = Next<TPanel>(term);
        if (quad % LinesPerThread<TPanel>() == LinesPerThread<TPanel>() - 1)
        {
            _term = term;
        }

        return values;
    }

    public readonly void Stage<TPanel>(ArrayView<Float4> panel, int thread, int quad, Float4 values)
        where TPanel : struct, IPanel
    {
        int lines = LinesPerThread<TPanel>(), apart = Sharers<TPanel>() * Panel<TPanel>.Pitch;
        var at = panel.Cast<float>().SubView(thread / TPanel.Lines * Panel<TPanel>.Pitch + thread % TPanel.Lines);
        var first = quad % lines * TPanel.Threads + quad / lines * Float4.Count * apart;
        at[first] = values.X;
        at[first + apart] = values.Y;
        at[first + apart * 2] = values.Z;
        at[first + apart * 3] = values.W;
    }

    public readonly void Advance<TPanel>()
        where TPanel : struct, IPanel
    {
        // Fetching has walked there already.
    }

    private void SeekLine(int line)
    {
        var position = Lines.Position(line);
        _row = position.Outer < Lines.Outer ? FirstRow + position.Middle * Lines.RowStep : Nowhere;
        _column = FirstColumn + position.Inner * Lines.ColumnStep;
        _first = _group + position.Outer * Lines.OuterStep;
    }

    private readonly float Element(PatchPosition term)
    {
        int row = _row + term.Middle * Terms.RowStep, column = _column + term.Inner * Terms.ColumnStep;
        var inside = (uint)row < (uint)Height & (uint)column < (uint)Width & term.Outer < Terms.Outer;
        return inside ? Images[_first + term.Outer * Terms.OuterStep + row * Width + column] : 0f;
    }

    private readonly PatchPosition Next<TPanel>(PatchPosition term)
        where TPanel : struct, IPanel
    {
        term = Terms.Next(term);
        if (Sharers<TPanel>() > 1)
        {
            term = Terms.Next(term);
        }

        return term;
    }

    /// <summary>Threads that take turns along a line's terms: one or two.</summary>
    private static int Sharers<TPanel>()
        where TPanel : struct, IPanel => TPanel.Threads > TPanel.Lines ? TPanel.Threads / TPanel.Lines : 1;

    private static int LinesPerThread<TPanel>()
        where TPanel : struct, IPanel => TPanel.Lines > TPanel.Threads ? TPanel.Lines / TPanel.Threads : 1;
}
