namespace TaaS.Kernels.Cpu;

/// <summary>What is done to each row of a matrix, independently of the others.</summary>
internal interface IRowOperator
{
    void Apply(long row, int length);
}

/// <summary>Applies an operator to every row; parts are runs of rows.</summary>
internal readonly struct RowJob<TOperator> : IParallelJob
    where TOperator : struct, IRowOperator
{
    private const long Grain = 16 * 1024;

    private readonly TOperator _operator;
    private readonly long _rows;
    private readonly int _length;
    private readonly int _parts;

    private RowJob(in TOperator op, long rows, int length)
    {
        (_operator, _rows, _length) = (op, rows, length);
        _parts = (int)Math.Clamp(rows * length / Grain, 1, Math.Clamp(rows, 1, CpuPool.Threads * 4L));
    }

    /// <summary>Visits the rows of a matrix [rows, length].</summary>
    public static void Run(in TOperator op, in Shape shape) => Run(op, shape[0], shape[1]);

    /// <summary>Visits that many rows, each about <paramref name="length"/> elements of work.</summary>
    public static void Run(in TOperator op, long rows, int length)
    {
        var job = new RowJob<TOperator>(op, rows, length);
        CpuPool.Run(job._parts, job);
    }

    public void Execute(int index)
    {
        var end = _rows * (index + 1) / _parts;
        for (var row = _rows * index / _parts; row < end; row++)
        {
            _operator.Apply(row, _length);
        }
    }
}
