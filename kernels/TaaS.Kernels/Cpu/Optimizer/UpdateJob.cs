using System.Numerics;

namespace TaaS.Kernels.Cpu;

/// <summary>One pass of an optimizer over a parameter, its gradient and its slots, cut into parts for the threads.</summary>
internal unsafe struct UpdateJob<TRule> : IParallelJob
    where TRule : struct, IUpdateRule
{
    private const long Grain = 32 * 1024;

    private readonly TRule _rule;
    private readonly float* _w;
    private readonly float* _g;
    private readonly float* _first;
    private readonly float* _second;
    private readonly long _count;
    private readonly long _perPart;

    private UpdateJob(in TRule rule, in View parameter, in View gradient, float* first, float* second)
    {
        _rule = rule;
        _w = parameter.FloatPointer;
        _g = gradient.FloatPointer;
        _first = first;
        _second = second;
        _count = parameter.Elements;

        // Whole cache lines, so that no two threads write the same one.
        var parts = Math.Clamp(_count / Grain, 1, CpuPool.Threads * 4L);
        _perPart = ((_count + parts - 1) / parts + 15) / 16 * 16;
    }

    /// <summary>Updates the parameter in place; slots the rule does not keep are null.</summary>
    public static void Run(in TRule rule, in View parameter, in View gradient, View? first = null, View? second = null)
    {
        if (parameter.Elements == 0)
        {
            return;
        }

        var job = new UpdateJob<TRule>(rule, parameter, gradient, first is { } f ? f.FloatPointer : null, second is { } s ? s.FloatPointer : null);
        CpuPool.Run((int)((job._count + job._perPart - 1) / job._perPart), job);
        GC.KeepAlive(parameter.Buffer);
        GC.KeepAlive(gradient.Buffer);
        GC.KeepAlive(first?.Buffer);
        GC.KeepAlive(second?.Buffer);
    }

    public void Execute(int index)
    {
        var end = Math.Min(_count, (index + 1) * _perPart);
        var i = index * _perPart;
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            var w = Vector.Load(_w + i);
            var first = TRule.Slots > 0 ? Vector.Load(_first + i) : default;
            var second = TRule.Slots > 1 ? Vector.Load(_second + i) : default;
            _rule.Apply(ref w, Vector.Load(_g + i), ref first, ref second);
            w.Store(_w + i);
            if (TRule.Slots > 0)
            {
                first.Store(_first + i);
            }

            if (TRule.Slots > 1)
            {
                second.Store(_second + i);
            }
        }

        if (i < end)
        {
            Partial(i, (int)(end - i));
        }
    }

    private readonly void Partial(long at, int count)
    {
        var w = SimdPartial.Load(_w + at, count);
        var first = TRule.Slots > 0 ? SimdPartial.Load(_first + at, count) : default;
        var second = TRule.Slots > 1 ? SimdPartial.Load(_second + at, count) : default;
        _rule.Apply(ref w, SimdPartial.Load(_g + at, count), ref first, ref second);
        SimdPartial.Store(w, _w + at, count);
        if (TRule.Slots > 0)
        {
            SimdPartial.Store(first, _first + at, count);
        }

        if (TRule.Slots > 1)
        {
            SimdPartial.Store(second, _second + at, count);
        }
    }
}
