namespace TaaS.Kernels.Cpu;

/// <summary>Average pooling; parts are runs of planes.</summary>
internal readonly unsafe struct AveragePoolForwardJob(PoolPlanes planes, nint x, nint y, bool countPadding) : IParallelJob
{
    private readonly int _parts = planes.Parts(planes.Count);

    /// <summary>Averages every plane.</summary>
    public static void Run(in PoolPlanes planes, float* x, float* y, bool countPadding)
    {
        var job = new AveragePoolForwardJob(planes, (nint)x, (nint)y, countPadding);
        CpuPool.Run(job._parts, job);
    }

    public void Execute(int index)
    {
        var end = (int)((long)planes.Count * (index + 1) / _parts);
        for (var plane = (int)((long)planes.Count * index / _parts); plane < end; plane++)
        {
            var source = (float*)x + (long)plane * planes.Area;
            var target = (float*)y + (long)plane * planes.OutArea;
            for (var row = 0; row < planes.OutH; row++)
            {
                for (var column = 0; column < planes.OutW; column++)
                {
                    *target++ = Mean(source, row, column);
                }
            }
        }
    }

    private float Mean(float* plane, int row, int column)
    {
        var (top, bottom, left, right) = planes.Window(row, column);
        var inside = (bottom - top) * (right - left);
        var divisor = countPadding ? planes.Geometry.WindowH * planes.Geometry.WindowW : inside;
        if (right - left == planes.W)
        {
            return (float)(SimdSum.Of(plane + top * planes.W, inside) / divisor);
        }

        float sum = 0;
        for (var r = top; r < bottom; r++)
        {
            for (var c = left; c < right; c++)
            {
                sum += plane[r * planes.W + c];
            }
        }

        return sum / divisor;
    }
}

/// <summary>Gradient of average pooling; parts are runs of planes.</summary>
internal readonly unsafe struct AveragePoolBackwardJob(PoolPlanes planes, nint dy, nint dx, bool countPadding) : IParallelJob
{
    private readonly int _parts = planes.Parts(planes.Count);

    /// <summary>Spreads dy back over every plane.</summary>
    public static void Run(in PoolPlanes planes, float* dy, float* dx, bool countPadding)
    {
        var job = new AveragePoolBackwardJob(planes, (nint)dy, (nint)dx, countPadding);
        CpuPool.Run(job._parts, job);
    }

    public void Execute(int index)
    {
        var end = (int)((long)planes.Count * (index + 1) / _parts);
        for (var plane = (int)((long)planes.Count * index / _parts); plane < end; plane++)
        {
            var source = (float*)dy + (long)plane * planes.OutArea;
            var target = (float*)dx + (long)plane * planes.Area;
            new Span<float>(target, planes.Area).Clear();
            for (var row = 0; row < planes.OutH; row++)
            {
                for (var column = 0; column < planes.OutW; column++)
                {
                    Spread(*source++, target, row, column);
                }
            }
        }
    }

    private void Spread(float gradient, float* plane, int row, int column)
    {
        var (top, bottom, left, right) = planes.Window(row, column);
        var share = gradient / (countPadding ? planes.Geometry.WindowH * planes.Geometry.WindowW : (bottom - top) * (right - left));
        for (var r = top; r < bottom; r++)
        {
            for (var c = left; c < right; c++)
            {
                plane[r * planes.W + c] += share;
            }
        }
    }
}
