using System.Numerics;
using System.Runtime.Intrinsics;

namespace TaaS.Kernels.Cpu;

/// <summary>Gradient of max pooling. With a bias gradient a part is a run of channels over all images, so that each sum has one owner; else a run of planes.</summary>
internal readonly unsafe struct MaxPoolBackwardJob : IParallelJob
{
    private readonly PoolPlanes _planes;
    private readonly float* _dy;
    private readonly int* _indices;
    private readonly float* _dx;
    private readonly float* _dbias;
    private readonly int _items;
    private readonly int _parts;

    private MaxPoolBackwardJob(in PoolPlanes planes, float* dy, int* indices, float* dx, float* dbias)
    {
        _planes = planes;
        _dy = dy;
        _indices = indices;
        _dx = dx;
        _dbias = dbias;
        _items = dbias == null ? planes.Count : planes.Channels;
        _parts = planes.Parts(_items);
    }

    /// <summary>Carries dy back; <paramref name="dbias"/> may be null.</summary>
    public static void Run(in PoolPlanes planes, float* dy, int* indices, float* dx, float* dbias)
    {
        var job = new MaxPoolBackwardJob(planes, dy, indices, dx, dbias);
        CpuPool.Run(job._parts, job);
    }

    public void Execute(int index)
    {
        var end = (int)((long)_items * (index + 1) / _parts);
        for (var item = (int)((long)_items * index / _parts); item < end; item++)
        {
            if (_dbias == null)
            {
                Plane(item);
                continue;
            }

            double sum = 0;
            for (var plane = item; plane < _planes.Count; plane += _planes.Channels)
            {
                Plane(plane);
                sum += SumOfCarried(plane);
            }

            _dbias[item] = (float)sum;
        }
    }

    private void Plane(int plane)
    {
        var dy = _dy + (long)plane * _planes.OutArea;
        var indices = _indices + (long)plane * _planes.OutArea;
        var dx = _dx + (long)plane * _planes.Area;
        if (_planes.IsHalving)
        {
            for (var row = 0; row < _planes.OutH; row++)
            {
                HalvingRow(dy + row * _planes.OutW, indices + row * _planes.OutW, dx, row);
            }

            // A last odd row lies in no window.
            var written = 2 * _planes.OutH * _planes.W;
            new Span<float>(dx + written, _planes.Area - written).Clear();
            return;
        }

        new Span<float>(dx, _planes.Area).Clear();
        for (var i = 0; i < _planes.OutArea; i++)
        {
            if (indices[i] >= 0)
            {
                dx[indices[i]] += dy[i];
            }
        }
    }

    /// <summary>A row of 2×2 windows, four at a time: all of dx is written, chosen or not, so nothing has to be cleared first.</summary>
    private void HalvingRow(float* dy, int* indices, float* plane, int row)
    {
        int w = _planes.W, last = _planes.OutW - 4;
        var start = 2 * row * w;
        var upper = plane + start;
        var lower = upper + w;
        var steps = Vector128.Create(0, 2, 4, 6);
        for (var column = 0; column < _planes.OutW; column += 4)
        {
            column = Math.Min(column, last);
            var gradient = Vector128.Load(dy + column);
            var winner = Vector128.Load(indices + column) - (Vector128.Create(start + 2 * column) + steps);
            var a = gradient & Vector128.Equals(winner, Vector128<int>.Zero).AsSingle();
            var b = gradient & Vector128.Equals(winner, Vector128<int>.One).AsSingle();
            var c = gradient & Vector128.Equals(winner, Vector128.Create(w)).AsSingle();
            var d = gradient & Vector128.Equals(winner, Vector128.Create(w + 1)).AsSingle();
            SimdLanes.WeaveLow(a, b).Store(upper + 2 * column);
            SimdLanes.WeaveHigh(a, b).Store(upper + 2 * column + 4);
            SimdLanes.WeaveLow(c, d).Store(lower + 2 * column);
            SimdLanes.WeaveHigh(c, d).Store(lower + 2 * column + 4);
        }

        if (w > 2 * _planes.OutW)
        {
            upper[w - 1] = 0;
            lower[w - 1] = 0;
        }
    }

    private double SumOfCarried(int plane)
    {
        var dy = _dy + (long)plane * _planes.OutArea;
        var indices = _indices + (long)plane * _planes.OutArea;
        double total = 0;
        var lanes = Vector<float>.Zero;
        var i = 0;
        for (; i <= _planes.OutArea - Vector<float>.Count; i += Vector<float>.Count)
        {
            lanes += Vector.ConditionalSelect(Vector.LessThan(Vector.Load(indices + i), Vector<int>.Zero), default, Vector.Load(dy + i));
            if (i % 1024 == 0)
            {
                total += Vector.Sum(lanes);
                lanes = default;
            }
        }

        for (; i < _planes.OutArea; i++)
        {
            total += indices[i] < 0 ? 0 : dy[i];
        }

        return total + Vector.Sum(lanes);
    }
}
