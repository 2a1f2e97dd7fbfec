namespace TaaS.Kernels.Cpu;

/// <summary>An element-wise operation cut into parts for the threads. Operand 0 is the result; the inputs follow.</summary>
internal unsafe struct MapJob<TOperator> : IParallelJob
    where TOperator : struct, IMapOperator
{
    private const long SegmentLength = 16 * 1024;

    // Below this the result is likely read again while it is still in a cache. Also the size from which the C library's copy streams.
    private const long StreamBytes = 24 * 1024 * 1024;

    private readonly TOperator _op;
    private readonly MergedAxes _axes;
    private readonly float* _y;
    private readonly float* _a;
    private readonly float* _b;
    private readonly long _segments;
    private readonly long _items;
    private readonly long _itemsPerPart;
    private readonly bool _stream;

    private MapJob(in TOperator op, in MergedAxes axes, float* y, float* a, float* b)
    {
        _op = op;
        _axes = axes;
        _y = y;
        _a = a;
        _b = b;
        var rows = axes.Rows;
        var elements = rows * axes.Inner;
        _segments = (axes.Inner + SegmentLength - 1) / SegmentLength;
        _items = rows * _segments;
        var parts = Math.Clamp(elements / TOperator.Grain, 1, CpuPool.Threads * 4L);
        _itemsPerPart = (_items + parts - 1) / parts;
        _stream = elements * sizeof(float) >= StreamBytes && y != a && y != b;
    }

    /// <summary>Runs the operator over every element.</summary>
    public static void Run(in TOperator op, in MergedAxes axes, float* y, float* a, float* b = null)
    {
        var job = new MapJob<TOperator>(op, axes, y, a, b);
        CpuPool.Run((int)((job._items + job._itemsPerPart - 1) / job._itemsPerPart), job);
    }

    public void Execute(int index)
    {
        var end = Math.Min(_items, (index + 1) * _itemsPerPart);
        for (var item = index * _itemsPerPart; item < end; item++)
        {
            long row = item, start = 0;
            if (_segments > 1)
            {
                (row, var segment) = Math.DivRem(item, _segments);
                start = segment * SegmentLength;
            }

            MapLoop<TOperator>.Row(
                _op,
                At(_y, 0, row, start),
                _axes.InnerStride(0),
                At(_a, 1, row, start),
                _axes.InnerStride(1),
                TOperator.Inputs > 1 ? At(_b, 2, row, start) : null,
                _axes.InnerStride(2),
                Math.Min(SegmentLength, _axes.Inner - start),
                _stream);
        }

        if (_stream)
        {
            // Streaming stores are ordered by nothing else.
            Thread.MemoryBarrier();
        }
    }

    private readonly float* At(float* first, int operand, long row, long start) =>
        first + _axes.RowOffset(operand, row) + start * _axes.InnerStride(operand);
}
