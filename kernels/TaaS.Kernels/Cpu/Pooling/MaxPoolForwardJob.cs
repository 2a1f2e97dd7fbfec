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
        var end = (int)((long)_planes.Count * (index + 1) / _parts);
        for (var plane = (int)((long)_planes.Count * index / _parts); plane < end; plane++)
        {
            var x = _x + (long)plane * _planes.Area;
            var y = _y + (long)plane * _planes.OutArea;
            var indices = _indices + (long)plane * _planes.OutArea;
            var shift = _bias == null ? 0 : _bias[plane % _planes.Channels];
            for (var row = 0; row < _planes.OutH; row++, y += _planes.OutW, indices += _planes.OutW)
            {
                if (_planes.IsHalving)
                {
                    HalvingRow(x, row, shift, y, indices);
                }
                else
                {
                    for (var column = 0; column < _planes.OutW; column++)
                    {
                        Window(x, row, column, shift, y + column, indices + column);
                    }
                }
            }
        }
    }

    /// <summary>A row of 2×2 windows, four at a time; the last four overlap those before.</summary>
    private void HalvingRow(float* plane, int row, float shift, float* y, int* indices)
    {
        int w = _planes.W, last = _planes.OutW - 4;
        var start = 2 * row * w;
        var upper = plane + start;
        var lower = upper + w;
        var bias = Vector128.Create(shift);
        var steps = Vector128.Create(0, 2, 4, 6);
        for (var column = 0; column < _planes.OutW; column += 4)
        {
            column = Math.Min(column, last);
            var a = Vector128.Load(upper + 2 * column);
            var b = Vector128.Load(upper + 2 * column + 4);
            var c = Vector128.Load(lower + 2 * column);
            var d = Vector128.Load(lower + 2 * column + 4);
            var best = SimdLanes.Evens(a, b) + bias;
            var second = SimdLanes.Odds(a, b) + bias;
            var third = SimdLanes.Evens(c, d) + bias;
            var fourth = SimdLanes.Odds(c, d) + bias;
            var sum = best + second + (third + fourth);
            if (!Vector128.EqualsAll(sum, sum))
            {
                // A NaN, or infinities that cancel: rare, and only the careful loop gets NaN right.
                for (var i = column; i < column + 4; i++)
                {
                    Window(plane, row, i, shift, y + i, indices + i);
                }

                continue;
            }

            var at = Vector128.Create(start + 2 * column) + steps;
            var above = Vector128.GreaterThan(second, best);
            best = Vector128.ConditionalSelect(above, second, best);
            var winner = Vector128.ConditionalSelect(above.AsInt32(), at + Vector128<int>.One, at);
            above = Vector128.GreaterThan(third, best);
            best = Vector128.ConditionalSelect(above, third, best);
            winner = Vector128.ConditionalSelect(above.AsInt32(), at + Vector128.Create(w), winner);
            above = Vector128.GreaterThan(fourth, best);
            best = Vector128.ConditionalSelect(above, fourth, best);
            winner = Vector128.ConditionalSelect(above.AsInt32(), at + Vector128.Create(w + 1), winner);
            if (_bias != null)
            {
                var positive = Vector128.GreaterThan(best, Vector128<float>.Zero);
                best &= positive;
                winner |= ~positive.AsInt32();
            }

            best.Store(y + column);
            winner.Store(indices + column);
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
