using System.Runtime.Intrinsics;

namespace TaaS.Kernels.Cpu;

/// <summary>Max pooling, with bias and relu before it where a bias is given; parts are runs of planes.</summary>
internal readonly unsafe struct MaxPoolForwardJob : IParallelJob
{
    private readonly PoolPlanes _planes;
    private readonly float* _x;
    private readonly float* _bias;
    private readonly float* _y;
    private readonly int* _indices;
    private readonly int _parts;

    private MaxPoolForwardJob(in PoolPlanes planes, float* x, float* bias, float* y, int* indices)
    {
        _planes = planes;
        _x = x;
        _bias = bias;
        _y = y;
        _indices = indices;
        _parts = planes.Parts(planes.Count);
    }

    /// <summary>Pools every plane; <paramref name="bias"/> null means no bias and no relu.</summary>
    public static void Run(in PoolPlanes planes, float* x, float* bias, float* y, int* indices)
    {
        var job = new MaxPoolForwardJob(planes, x, bias, y, indices);
        CpuPool.Run(job._parts, job);
    }

    public void Execute(int index)
    {
        var halving = _planes.IsHalving;
        var end = (int)((long)_planes.Count * (index + 1) / _parts);
        for (var plane = (int)((long)_planes.Count * index / _parts); plane < end; plane++)
        {
            var x = _x + (long)plane * _planes.Area;
            var y = _y + (long)plane * _planes.OutArea;
            var indices = _indices + (long)plane * _planes.OutArea;
            var shift = _bias == null ? 0 : _bias[plane % _planes.Channels];
            for (var row = 0; row < _planes.OutH; row++, y += _planes.OutW, indices += _planes.OutW)
            {
                if (halving && TryHalvingRow(x, row, shift, y, indices))
                {
                    continue;
                }

                for (var column = 0; column < _planes.OutW; column++)
                {
                    Window(x, row, column, shift, y + column, indices + column);
                }
            }
        }
    }

    /// <summary>A row of 2×2 windows, four at a time; the last four overlap those before. False where NaN may be involved: then the row is not right.</summary>
    private bool TryHalvingRow(float* plane, int row, float shift, float* y, int* indices)
    {
        int w = _planes.W, last = _planes.OutW - 4, column = 0;
        var start = 2 * row * w;
        var upper = plane + start;
        var lower = upper + w;
        var bias = Vector128.Create(shift);
        var floor = Vector128.Create(_bias == null ? float.NegativeInfinity : 0);
        var rowAbove = Vector128.Create(w);
        var position = Vector128.Create(start) + Vector128.Create(0, 2, 4, 6);
        var ordered = Vector128<float>.AllBitsSet;
        while (true)
        {
            var left = Vector128.Load(upper + 2 * column);
            var right = Vector128.Load(upper + 2 * column + 4);
            var a = SimdLanes.Evens(left, right) + bias;
            var b = SimdLanes.Odds(left, right) + bias;
            left = Vector128.Load(lower + 2 * column);
            right = Vector128.Load(lower + 2 * column + 4);
            var c = SimdLanes.Evens(left, right) + bias;
            var d = SimdLanes.Odds(left, right) + bias;
            var sum = a + b + (c + d);
            ordered &= Vector128.Equals(sum, sum);
            var largest = Vector128.MaxNative(Vector128.MaxNative(a, b), Vector128.MaxNative(c, d));

            // The first that equals the largest: offset 0, 1, w or w + 1. A mask is −1, so adding one takes w + 1 to w.
            var offset = rowAbove + Vector128.Equals(c, largest).AsInt32();
            offset = Vector128.AndNot(offset, Vector128.Equals(b, largest).AsInt32()) + Vector128<int>.One;
            offset = Vector128.AndNot(offset, Vector128.Equals(a, largest).AsInt32());
            var winner = position + Vector128.Create(2 * column) + offset;
            winner |= _bias == null ? default : Vector128.LessThanOrEqual(largest, floor).AsInt32();
            Vector128.MaxNative(largest, floor).Store(y + column);
            winner.Store(indices + column);
            if (column == last)
            {
                // Infinities that cancel look like NaN here: the careful loop takes those rows too.
                return Vector128.EqualsAll(ordered.AsInt32(), Vector128<int>.AllBitsSet);
            }

            column = Math.Min(column + 4, last);
        }
    }

    /// <summary>Any window, element by element; one as wide as the image as one run.</summary>
    private void Window(float* plane, int row, int column, float shift, float* y, int* index)
    {
        var (top, bottom, left, right) = _planes.Window(row, column);
        var best = top * _planes.W + left;
        var largest = float.NegativeInfinity;
        if (_bias == null && right - left == _planes.W)
        {
            best = top * _planes.W + SimdMaximum.IndexOf(plane + top * _planes.W, (bottom - top) * _planes.W);
            largest = plane[best];
        }
        else
        {
            for (var r = top; r < bottom; r++)
            {
                for (var c = left; c < right; c++)
                {
                    var value = plane[r * _planes.W + c] + shift;
                    if (value > largest || (float.IsNaN(value) && !float.IsNaN(largest)))
                    {
                        largest = value;
                        best = r * _planes.W + c;
                    }
                }
            }
        }

        if (_bias != null && !(largest > 0))
        {
            largest = float.IsNaN(largest) ? largest : 0;
            best = -1;
        }

        *y = largest;
        *index = best;
    }
}
