using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>A matrix whose terms lie side by side in memory: a quad is four terms of a line, turned on its way into shared memory.</summary>
internal struct TermsOperand<TEdge>(MatrixSide side) : IOperand
    where TEdge : struct, IEdge
{
    private MatrixSide _side = side;
    private int _line;
    private int _term;
    private int _first;

    public void Seek<TPanel>(int thread, int firstLine, int firstTerm, int batch)
        where TPanel : struct, IPanel
    {
        _line = firstLine + TermsQuads<TPanel>.Line(thread);
        _term = firstTerm + TermsQuads<TPanel>.Term(thread);
        _first = batch * _side.BatchStep;
    }

    public readonly Float4 Fetch<TPanel>(int quad)
        where TPanel : struct, IPanel
    {
        var line = _line + quad * TermsQuads<TPanel>.LinesApart;
        if (!TEdge.Guarded)
        {
            var existing = line < _side.Lines ? line : _side.Lines - 1;
            return _side.Quad(_first + existing * _side.Step + _term);
        }

        if (line >= _side.Lines)
        {
            return default;
        }

        var at = _first + line * _side.Step + _term;
        return _side.Aligned != 0 && _term + Float4.Count <= _side.Terms ? _side.Quad(at) : Float4.Load(_side.Values, at, _side.Terms - _term);
    }

    public readonly void Stage<TPanel>(ArrayView<Float4> panel, int thread, int quad, Float4 values)
        where TPanel : struct, IPanel => TermsQuads<TPanel>.Stage(panel, thread, quad, values);

    public void Advance<TPanel>()
        where TPanel : struct, IPanel
    {
        // The panel after the last is fetched too, and never read: it must exist where nobody asks.
        if (TEdge.Guarded || _term + TPanel.Depth < _side.Terms)
        {
            _term += TPanel.Depth;
        }
    }
}
