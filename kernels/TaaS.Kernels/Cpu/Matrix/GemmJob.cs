namespace TaaS.Kernels.Cpu;

/// <summary>A product cut into blocks of rows and columns, each a part that any thread can do.</summary>
internal unsafe struct GemmJob : IParallelJob
{
    // A left operand that fewer panels pass by is read where it lies.
    private const int PanelsWorthPacking = 8;

    private const int PanelsPackedTogether = 4;

    // So few terms of a right operand stay in L1 where they lie, unless its lines meet in the same sets of the cache.
    private const int TermsWorthPacking = 64;

    private const int LinesThatMeet = 128;

    private const int LinesPackedTogether = 16;

    private readonly GemmProblem _problem;
    private readonly Microkernel _kernel;
    private readonly EvenCut _tiles;
    private readonly EvenCut _depths;
    private EvenCut _rowParts;
    private EvenCut _columnParts;
    private bool _packLeft;
    private bool _rightInPlace;
    private int* _rowOffsets;
    private int* _kOffsets;

    internal GemmJob(GemmProblem problem, Microkernel kernel)
    {
        _problem = problem;
        _kernel = kernel;
        Cut = new PanelCut(kernel, problem.N);
        _tiles = EvenCut.ByLength(problem.M, kernel.MaxRows);
        _depths = EvenCut.ByLength(problem.K, Microkernel.BlockK);
    }

    /// <summary>The right operand's panels.</summary>
    internal PanelCut Cut { get; }

    /// <summary>All panels packed, K rows each, or null where each part packs its own.</summary>
    internal float* Shared { get; set; }

    /// <summary>Number of parts.</summary>
    internal readonly int Parts => _rowParts.Count * _columnParts.Count;

    /// <summary>Chooses how many parts there are, and with it how the left operand is read.</summary>
    internal void Split(int rowParts, int columnParts)
    {
        _rowParts = new EvenCut(_tiles.Count, Math.Min(rowParts, _tiles.Count));
        _columnParts = new EvenCut(Cut.Count, Math.Min(columnParts, Cut.Count));
        _packLeft = _problem.AStep != 1 || _columnParts.LengthOf(0) > PanelsWorthPacking;
        _rightInPlace = _packLeft && _problem.K < TermsWorthPacking && _problem.BStep % LinesThatMeet != 0;
        _rowOffsets = Scratch.Ints(ScratchSlot.RowOffsets, _kernel.MaxRows);
        for (var row = 0; row < _kernel.MaxRows; row++)
        {
            _rowOffsets[row] = _packLeft ? row : (int)(row * _problem.ARow);
        }

        _kOffsets = Scratch.Ints(ScratchSlot.StepOffsets, Microkernel.BlockK);
        for (var k = 0; k < _depths.LengthOf(0); k++)
        {
            _kOffsets[k] = _packLeft ? k * _kernel.MaxRows : k;
        }
    }

    /// <summary>Number of groups of panels that <see cref="PackShared"/> packs.</summary>
    internal readonly int PanelGroups => (Cut.Count + PanelsPackedTogether - 1) / PanelsPackedTogether;

    /// <summary>Packs one group of <see cref="Shared"/>'s panels.</summary>
    internal readonly void PackShared(int group)
    {
        var first = group * PanelsPackedTogether;
        nint step = (nint)Cut.Width * _problem.K;
        PackRight(first, Math.Min(PanelsPackedTogether, Cut.Count - first), 0, _problem.K, Shared + first * step, step);
    }

    /// <inheritdoc/>
    public readonly void Execute(int index)
    {
        int rowPart = index / _columnParts.Count, columnPart = index % _columnParts.Count;
        var block = new Block
        {
            FirstTile = _rowParts.Start(rowPart),
            Tiles = _rowParts.LengthOf(rowPart),
            FirstPanel = _columnParts.Start(columnPart),
            Panels = _columnParts.LengthOf(columnPart),
        };
        block.Row = _tiles.Start(block.FirstTile);
        block.Rows = _tiles.Start(block.FirstTile + block.Tiles) - block.Row;
        if (_problem.Turned)
        {
            block.CStep = block.Panels * Cut.Width;
            block.C = Scratch.Floats(ScratchSlot.ResultBlock, block.Rows * block.CStep);
        }
        else
        {
            block.CStep = _problem.CStep;
            block.C = _problem.C + block.Row * _problem.CStep + (nint)block.FirstPanel * Cut.Width;
        }

        for (var depth = 0; depth < _depths.Count; depth++)
        {
            Accumulate(block, depth);
        }

        Finish(block);
    }

    private readonly void PackRight(int first, int count, int k0, int k, float* to, nint panelStep)
    {
        var from = _problem.B + k0 * _problem.BStep + (nint)first * Cut.Width * _problem.BColumn;
        if (_problem is { BColumn: 1, Alpha: 1 } && Cut.ColumnsOf(first + count - 1) == Cut.Width)
        {
            Panels.PackSeveral(from, _problem.BStep, k, Cut.Width, count, to, panelStep);
            return;
        }

        for (var panel = first; panel < first + count; panel++, from += Cut.Width * _problem.BColumn, to += panelStep)
        {
            Panels.Pack(from, _problem.BStep, _problem.BColumn, k, Cut.ColumnsOf(panel), Cut.RowOf(panel), to, _problem.Alpha);
        }
    }

    private readonly void Accumulate(in Block block, int depth)
    {
        int k0 = _depths.Start(depth), k = _depths.LengthOf(depth);
        var left = _problem.A + block.Row * _problem.ARow + k0 * _problem.AStep;
        if (_packLeft)
        {
            left = PackLeft(block, left, k);
        }

        var local = Shared is null ? Scratch.Floats(ScratchSlot.LocalPanels, (long)Cut.Width * k) : null;
        var edge = stackalloc float[_kernel.MaxRows * _kernel.MaxVectors * _kernel.Lanes];
        var add = depth > 0 || (_problem.Accumulate && !_problem.Turned);
        for (var i = 0; i < block.Panels; i++)
        {
            int panel = block.FirstPanel + i, row = Cut.RowOf(panel), vectors = Cut.VectorsOf(panel);
            var right = local is null ? Shared + (nint)panel * Cut.Width * _problem.K + (nint)k0 * row : local;
            float* source = null;
            if (local is not null)
            {
                if (Cut.ColumnsOf(panel) == row && _problem is { BColumn: 1, Alpha: 1 })
                {
                    source = _problem.B + k0 * _problem.BStep + (nint)panel * Cut.Width;
                }
                else
                {
                    PackRight(panel, 1, k0, k, right, 0);
                }
            }

            var direct = _problem.Turned || Cut.ColumnsOf(panel) == row;
            var c = block.C + (nint)i * Cut.Width;
            for (var tile = 0; tile < block.Tiles; tile++)
            {
                int top = _tiles.Start(block.FirstTile + tile) - block.Row, height = _tiles.LengthOf(block.FirstTile + tile);
                var a = left + (_packLeft ? (nint)tile * _kernel.MaxRows * k : top * _problem.ARow);
                var target = c + top * block.CStep;
                if (source is not null)
                {
                    var fromSource = _rightInPlace ? _kernel.InPlaceTile(height, vectors) : _kernel.PackingTile(height, vectors);
                    fromSource(a, _rowOffsets, _kOffsets, right, k, target, block.CStep, add, source, _problem.BStep);

                    // The first tile packed the panel for the others.
                    source = _rightInPlace ? source : null;
                    continue;
                }

                var run = _packLeft ? _kernel.PackedTile(height, vectors) : _kernel.Tile(height, vectors);
                if (direct)
                {
                    run(a, _rowOffsets, _kOffsets, right, k, target, block.CStep, add, null, 0);
                }
                else
                {
                    run(a, _rowOffsets, _kOffsets, right, k, edge, row, false, null, 0);
                    StoreEdge(edge, row, target, block.CStep, height, Cut.ColumnsOf(panel), add);
                }
            }
        }
    }

    /// <summary>Packs the block's rows for k terms, tile after tile.</summary>
    private readonly float* PackLeft(in Block block, float* from, int k)
    {
        var packed = Scratch.Floats(ScratchSlot.LeftBlock, (long)block.Tiles * k * _kernel.MaxRows + Panels.Overrun);

        // Rows that lie side by side are taken a few lines at a time, so that each line is fetched once for all tiles.
        var step = _problem.AStep == 1 ? k : LinesPackedTogether;
        for (var line = 0; line < k; line += step)
        {
            for (var tile = 0; tile < block.Tiles; tile++)
            {
                var top = _tiles.Start(block.FirstTile + tile);
                Panels.PackTile(
                    from + (top - block.Row) * _problem.ARow + line * _problem.AStep,
                    _problem.ARow,
                    _problem.AStep,
                    _tiles.LengthOf(block.FirstTile + tile),
                    _problem.M - top,
                    Math.Min(step, k - line),
                    _kernel.MaxRows,
                    packed + ((nint)tile * k + line) * _kernel.MaxRows);
            }
        }

        return packed;
    }

    private static void StoreEdge(float* edge, int edgeStep, float* c, nint cStep, int rows, int columns, bool add)
    {
        for (var i = 0; i < rows; i++, edge += edgeStep, c += cStep)
        {
            for (var j = 0; j < columns; j++)
            {
                c[j] = add ? c[j] + edge[j] : edge[j];
            }
        }
    }

    /// <summary>Turns the block around where asked, then bias and activation, while it is in cache.</summary>
    private readonly void Finish(in Block block)
    {
        int column = block.FirstPanel * Cut.Width, columns = Math.Min(block.Panels * Cut.Width, _problem.N - column);
        int lines = block.Rows, length = columns, start = column;
        var c = block.C;
        if (_problem.Turned)
        {
            c = _problem.C + column * _problem.CStep + block.Row;
            Transposition.Run(block.C, block.CStep, c, _problem.CStep, block.Rows, columns, _problem.Accumulate);
            (lines, length, start) = (columns, block.Rows, block.Row);
        }

        if (_problem.LineBias is null && !_problem.Relu)
        {
            return;
        }

        for (var line = 0; line < lines; line++, c += _problem.CStep)
        {
            if (_problem.LineBias is null)
            {
                Epilogue.AddConstant(c, 0, length, _problem.Relu);
            }
            else
            {
                Epilogue.AddLine(c, _problem.LineBias + start, length, _problem.Relu);
            }
        }
    }

    private struct Block
    {
        internal int FirstTile;
        internal int Tiles;
        internal int FirstPanel;
        internal int Panels;
        internal int Row;
        internal int Rows;
        internal float* C;
        internal nint CStep;
    }
}
