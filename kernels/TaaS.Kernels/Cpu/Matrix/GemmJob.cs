namespace TaaS.Kernels.Cpu;

/// <summary>A product cut into blocks of rows and columns, each a part that any thread can do.</summary>
internal unsafe struct GemmJob : IParallelJob
{
    private readonly GemmProblem _problem;
    private readonly Microkernel _kernel;

    // Rows are cut into tiles of nearly equal height, so that no thin tile is left at the end.
    private readonly int _tiles;
    private readonly int _depths;
    private int _rowParts;
    private int _columnParts;
    private bool _copyLeft;
    private nint _rowStep;
    private nint _kStep;
    private int* _kOffsets;

    internal GemmJob(GemmProblem problem, Microkernel kernel)
    {
        _problem = problem;
        _kernel = kernel;
        Cut = new PanelCut(kernel, problem.N);
        _tiles = (problem.M + kernel.MaxRows - 1) / kernel.MaxRows;
        _depths = Math.Max((problem.K + Microkernel.BlockK - 1) / Microkernel.BlockK, 1);
    }

    /// <summary>The right operand's panels.</summary>
    internal PanelCut Cut { get; }

    /// <summary>All panels packed, K rows each, or null where each part packs its own.</summary>
    internal float* Shared { get; set; }

    /// <summary>Number of parts.</summary>
    internal readonly int Parts => _rowParts * _columnParts;

    private readonly bool Turned => _problem.Turned;

    /// <summary>Chooses how many parts there are.</summary>
    internal void Split(int rowParts, int columnParts)
    {
        _rowParts = Math.Min(rowParts, _tiles);
        _columnParts = Math.Min(columnParts, Cut.Count);
    }

    /// <summary>Decides how the left operand is read and lays out its offsets.</summary>
    internal void Prepare()
    {
        _copyLeft = _problem.AStep != 1 || Cut.Count / _columnParts > 8;
        if (!_copyLeft)
        {
            (_rowStep, _kStep) = (_problem.ARow, 1);
        }
        else if (_problem.AStep == 1)
        {
            // Room for a cache line between rows keeps them out of each other's cache sets.
            (_rowStep, _kStep) = (Microkernel.BlockK + 16, 1);
        }
        else
        {
            (_rowStep, _kStep) = (1, (Row((_tiles + _rowParts - 1) / _rowParts) + _kernel.MaxRows + 15) / 16 * 16 + 16);
        }

        _kOffsets = Scratch.Ints(ScratchSlot.StepOffsets, Microkernel.BlockK);
        for (var k = 0; k < Math.Min(_problem.K, Microkernel.BlockK); k++)
        {
            _kOffsets[k] = (int)(k * _kStep);
        }
    }

    /// <summary>Packs one panel of <see cref="Shared"/>.</summary>
    internal readonly void PackShared(int panel) =>
        Panels.Pack(_problem.B + (nint)panel * Cut.Width * _problem.BColumn, _problem.BStep, _problem.BColumn, _problem.K, Cut.ColumnsOf(panel), Cut.RowOf(panel), Shared + (nint)panel * Cut.Width * _problem.K, _problem.Alpha);

    /// <inheritdoc/>
    public readonly void Execute(int index)
    {
        int rowPart = index / _columnParts, columnPart = index % _columnParts;
        int firstTile = Share(_tiles, rowPart, _rowParts), endTile = Share(_tiles, rowPart + 1, _rowParts);
        int firstPanel = Share(Cut.Count, columnPart, _columnParts), endPanel = Share(Cut.Count, columnPart + 1, _columnParts);
        var block = new Block
        {
            FirstTile = firstTile,
            EndTile = endTile,
            FirstPanel = firstPanel,
            EndPanel = endPanel,
            Row = Row(firstTile),
            Rows = Row(endTile) - Row(firstTile),
        };
        if (Turned)
        {
            block.CStep = (endPanel - firstPanel) * Cut.Width;
            block.C = Scratch.Floats(ScratchSlot.ResultBlock, block.Rows * block.CStep);
        }
        else
        {
            block.CStep = _problem.CStep;
            block.C = _problem.C + block.Row * _problem.CStep + (nint)firstPanel * Cut.Width;
        }

        for (var depth = 0; depth < _depths; depth++)
        {
            Accumulate(block, depth);
        }

        Finish(block);
    }

    private static int Share(int total, int part, int parts) => (int)((long)total * part / parts);

    private readonly int Row(int tile) => Share(_problem.M, tile, _tiles);

    private readonly void Accumulate(in Block block, int depth)
    {
        int k0 = Share(_problem.K, depth, _depths), k = Share(_problem.K, depth + 1, _depths) - k0;
        var left = Left(block, k0, k);
        float* local = null;
        if (Shared is null)
        {
            local = Scratch.Floats(ScratchSlot.LocalPanels, (long)(block.EndPanel - block.FirstPanel) * Cut.Width * k);
        }

        var rows = stackalloc int[_kernel.MaxRows];
        for (var i = 0; i < _kernel.MaxRows; i++)
        {
            rows[i] = (int)(i * _rowStep);
        }

        var edge = stackalloc float[_kernel.MaxRows * _kernel.MaxVectors * _kernel.Lanes];
        var add = depth > 0 || (_problem.Accumulate && !Turned);
        for (var panel = block.FirstPanel; panel < block.EndPanel; panel++)
        {
            var row = Cut.RowOf(panel);
            float* right;
            if (local is null)
            {
                right = Shared + (nint)panel * Cut.Width * _problem.K + (nint)k0 * row;
            }
            else
            {
                right = local + (nint)(panel - block.FirstPanel) * Cut.Width * k;
                Panels.Pack(_problem.B + k0 * _problem.BStep + (nint)panel * Cut.Width * _problem.BColumn, _problem.BStep, _problem.BColumn, k, Cut.ColumnsOf(panel), row, right, _problem.Alpha);
            }

            var vectors = Cut.VectorsOf(panel);
            var direct = Turned || Cut.ColumnsOf(panel) == row;
            var c = block.C + (nint)(panel - block.FirstPanel) * Cut.Width;
            for (var tile = block.FirstTile; tile < block.EndTile; tile++)
            {
                int top = Row(tile) - block.Row, height = Row(tile + 1) - block.Row - top;
                var a = left + top * _rowStep;
                var target = c + top * block.CStep;
                if (direct)
                {
                    _kernel.Tile(height, vectors)(a, rows, _kOffsets, right, k, target, block.CStep, add);
                }
                else
                {
                    _kernel.Tile(height, vectors)(a, rows, _kOffsets, right, k, edge, row, false);
                    StoreEdge(edge, row, target, block.CStep, height, Cut.ColumnsOf(panel), add);
                }
            }
        }
    }

    /// <summary>The block's rows of the left operand for k0 to k0+k: in place, or copied as they lie.</summary>
    private readonly float* Left(in Block block, int k0, int k)
    {
        var from = _problem.A + block.Row * _problem.ARow + k0 * _problem.AStep;
        if (!_copyLeft)
        {
            return from;
        }

        var byRow = _problem.AStep == 1;
        int lines = byRow ? block.Rows : k, length = byRow ? k : block.Rows;
        nint fromStep = byRow ? _problem.ARow : _problem.AStep, toStep = byRow ? _rowStep : _kStep;
        var itemStep = byRow ? 1 : _problem.ARow;
        var copy = Scratch.Floats(ScratchSlot.LeftBlock, lines * toStep);
        for (var line = 0; line < lines; line++)
        {
            var source = from + line * fromStep;
            var target = copy + line * toStep;
            if (itemStep == 1)
            {
                new ReadOnlySpan<float>(source, length).CopyTo(new Span<float>(target, length));
                continue;
            }

            for (var i = 0; i < length; i++)
            {
                target[i] = source[i * itemStep];
            }
        }

        return copy;
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
        int column = block.FirstPanel * Cut.Width, columns = Math.Min(block.EndPanel * Cut.Width, _problem.N) - column;
        int lines = block.Rows, length = columns, start = column;
        var c = block.C;
        if (Turned)
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
        internal int EndTile;
        internal int FirstPanel;
        internal int EndPanel;
        internal int Row;
        internal int Rows;
        internal float* C;
        internal nint CStep;
    }
}
