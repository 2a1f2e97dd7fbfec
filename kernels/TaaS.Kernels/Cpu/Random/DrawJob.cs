using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TaaS.Kernels.Cpu;

/// <summary>What becomes of random words.</summary>
internal unsafe interface IDraw
{
    /// <summary>Turns <paramref name="count"/> words (even, at most <see cref="PhiloxLanes.Words"/>) into as many elements of y; x is the input, if there is one.</summary>
    void Apply(uint* words, float* x, float* y, int count);
}

/// <summary>Draws a run of elements; parts start at multiples of what <see cref="PhiloxLanes"/> makes at once.</summary>
internal readonly unsafe struct DrawJob<TDraw> : IParallelJob
    where TDraw : struct, IDraw
{
    private const long Grain = 16 * 1024;

    private readonly TDraw _draw;
    private readonly float* _x;
    private readonly float* _y;
    private readonly long _count;
    private readonly ulong _seed;
    private readonly ulong _offset;
    private readonly long _perPart;

    private DrawJob(in TDraw draw, float* x, float* y, long count, ulong seed, ulong offset)
    {
        _draw = draw;
        _x = x;
        _y = y;
        (_count, _seed, _offset) = (count, seed, offset);
        var parts = Math.Clamp(count / Grain, 1, CpuPool.Threads * 4L);
        _perPart = ((count + parts - 1) / parts + PhiloxLanes.Words - 1) / PhiloxLanes.Words * PhiloxLanes.Words;
    }

    public static void Run(in TDraw draw, float* x, float* y, long count, ulong seed, ulong offset)
    {
        if (count == 0)
        {
            return;
        }

        var job = new DrawJob<TDraw>(draw, x, y, count, seed, offset);
        CpuPool.Run((int)((count + job._perPart - 1) / job._perPart), job);
    }

    [SkipLocalsInit]
    public void Execute(int index)
    {
        var words = stackalloc uint[PhiloxLanes.Words];
        var rest = stackalloc float[PhiloxLanes.Words];
        var end = Math.Min(_count, (index + 1) * _perPart);
        for (var i = index * _perPart; i < end; i += PhiloxLanes.Words)
        {
            PhiloxLanes.Fill(_seed, _offset + (ulong)(i / 4), words);
            var x = _x is null ? null : _x + i;
            if (end - i >= PhiloxLanes.Words)
            {
                _draw.Apply(words, x, _y + i, PhiloxLanes.Words);
                continue;
            }

            // The last, shorter run goes through a full one of its own.
            var count = (int)(end - i);
            if (x is not null)
            {
                new ReadOnlySpan<float>(x, count).CopyTo(new Span<float>(rest, count));
            }

            _draw.Apply(words, rest, rest, PhiloxLanes.Words);
            new ReadOnlySpan<float>(rest, count).CopyTo(new Span<float>(_y + i, count));
        }
    }
}

/// <summary>Uniform in [low, high).</summary>
internal readonly unsafe struct UniformDraw(float low, float high) : IDraw
{
    public void Apply(uint* words, float* x, float* y, int count)
    {
        Vector256<float> first = Vector256.Create(low), range = Vector256.Create(high - low);
        for (var i = 0; i < count; i += Vector256<float>.Count)
        {
            (first + range * PhiloxLanes.ToUnit(words + i)).Store(y + i);
        }
    }
}

/// <summary>Zero below p, scaled up elsewhere.</summary>
internal readonly unsafe struct DropoutDraw(float p) : IDraw
{
    public void Apply(uint* words, float* x, float* y, int count)
    {
        Vector256<float> threshold = Vector256.Create(p), scale = Vector256.Create(1 / (1 - p));
        for (var i = 0; i < count; i += Vector256<float>.Count)
        {
            var kept = Vector256.GreaterThanOrEqual(PhiloxLanes.ToUnit(words + i), threshold);
            (Vector256.Load(x + i) * scale & kept).Store(y + i);
        }
    }
}

/// <summary>Normal, by Box and Muller 1958 (doi:10.1214/aoms/1177706645), in double precision.</summary>
internal readonly unsafe struct NormalDraw(float mean, float deviation) : IDraw
{
    public void Apply(uint* words, float* x, float* y, int count)
    {
        for (var i = 0; i < count; i += 2)
        {
            double u = 1 - Philox.ToUnit(words[i]), v = Philox.ToUnit(words[i + 1]);
            var radius = Math.Sqrt(-2 * Math.Log(u));
            y[i] = (float)(mean + deviation * radius * Math.Cos(2 * Math.PI * v));
            y[i + 1] = (float)(mean + deviation * radius * Math.Sin(2 * Math.PI * v));
        }
    }
}
