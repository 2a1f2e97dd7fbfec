namespace TaaS.Kernels.Cpu;

/// <summary>Positions of the largest along one axis; parts are runs of results.</summary>
internal readonly unsafe struct ArgMaxJob : IParallelJob
{
    private const long Grain = 16 * 1024;

    // Operand 0 is x without the searched axis.
    private readonly MergedAxes _kept;
    private readonly float* _x;
    private readonly int* _y;
    private readonly long _step;
    private readonly int _length;
    private readonly long _outputs;
    private readonly int _parts;

    private ArgMaxJob(in View x, int axis, in View y)
    {
        // y's shape is x's with the axis searched at length 1, so walking y's shape by x's strides meets every start.
        _kept = new MergedAxes(y.Shape);
        _kept.Add(x.Strides);
        _x = x.FloatPointer;
        _y = y.IntPointer;
        _step = x.Strides[axis];
        _length = x.Shape[axis];
        _outputs = y.Elements;
        _parts = (int)Math.Clamp(x.Elements / Grain, 1, Math.Min(_outputs, CpuPool.Threads * 4L));
    }

    /// <summary>y = position of the largest along the axis.</summary>
    public static void Run(in View x, int axis, in View y)
    {
        var job = new ArgMaxJob(x, axis, y);
        CpuPool.Run(job._parts, job);
    }

    public void Execute(int index)
    {
        var end = _outputs * (index + 1) / _parts;
        for (var output = _outputs * index / _parts; output < end; output++)
        {
            var row = _x + _kept.Offset(0, output);
            _y[output] = _step == 1 ? SimdMaximum.IndexOf(row, _length) : IndexOf(row);
        }
    }

    private int IndexOf(float* row)
    {
        var best = 0;
        for (var i = 1; i < _length && !float.IsNaN(row[best * _step]); i++)
        {
            if (row[i * _step] > row[best * _step] || float.IsNaN(row[i * _step]))
            {
                best = i;
            }
        }

        return best;
    }
}
