using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>A matrix whose lines lie side by side in memory: a quad is one term of four lines, and stays whole in shared memory. Neighbouring threads read one term, then the next.</summary>
internal struct LinesOperand<TEdge>(MatrixSide side) : IOperand
    where TEdge : struct, IEdge
{
    private MatrixSide _side = side;
    private int _line;
    private int _term;
    private int _first;

    public void Seek<TPanel>(int thread, int firstLine, int firstTerm, int batch)
        where TPanel : struct, IPanel
    {
        _line = firstLine + thread % Across<TPanel>() * Float4.Count;
        _term = firstTerm + thread / Across<TPanel>();
        _first = batch * _side.BatchStep;
    }

    public readonly Float4 Fetch<TPanel>(int quad)
        where TPanel : struct, IPanel
    {
        var term = _term + quad * TermsApart<TPanel>();
        if (!TEdge.Guarded)
        {
            var existing = _line < _side.Lines ? _line : _side.Lines - Float4.Count;
            return _side.Quad(_first + term * _side.Step + existing);
        }

        if (term >= _side.Terms)
        {
            return default;
        }

        var at = _first + term * _side.Step + _line;
        return _side.Aligned != 0 && _line + Float4.Count <= _side.Lines ? _side.Quad(at) : Float4.Load(_side.Values, at, _side.Lines - _line);
    }

    public readonly void Stage<TPanel>(ArrayView<Float4> panel, int thread, int quad, Float4 values)
        where TPanel : struct, IPanel
    {
        var term = thread / Across<TPanel>() + quad * TermsApart<TPanel>();
        panel[term * (Panel<TPanel>.Pitch / Float4.Count) + thread % Across<TPanel>()] = values;
    }

    public void Advance<TPanel>()
        where TPanel : struct, IPanel
    {
        // The panel after the last is fetched too, and never read: it must exist where nobody asks.
        if (TEdge.Guarded || _term + TPanel.Depth < _side.Terms)
        {
            _term += TPanel.Depth;
        }
    }

    /// <summary>Quads of a term.</summary>
    private static int Across<TPanel>()
        where TPanel : struct, IPanel => TPanel.Lines / Float4.Count;

    /// <summary>Terms from a thread's quad to its next.</summary>
    private static int TermsApart<TPanel>()
        where TPanel : struct, IPanel => TPanel.Threads / Across<TPanel>();
}
