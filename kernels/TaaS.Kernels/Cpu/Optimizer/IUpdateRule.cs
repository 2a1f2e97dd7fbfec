using System.Numerics;

namespace TaaS.Kernels.Cpu;

/// <summary>One optimizer's arithmetic, written once for whole vectors.</summary>
internal interface IUpdateRule
{
    /// <summary>State arrays it keeps beside the parameter: 0 to 2.</summary>
    static abstract int Slots { get; }

    /// <summary>Changes the parameter and its slots by the gradient, lane by lane.</summary>
    void Apply(ref Vector<float> w, Vector<float> g, ref Vector<float> first, ref Vector<float> second);
}

/// <summary>g += decay·w; w −= rate·g.</summary>
internal readonly struct PlainSgdRule(float rate, float decay) : IUpdateRule
{
    private readonly Vector<float> _minusRate = new(-rate);
    private readonly Vector<float> _decay = new(decay);

    public static int Slots => 0;

    public void Apply(ref Vector<float> w, Vector<float> g, ref Vector<float> first, ref Vector<float> second) =>
        w = Vector.FusedMultiplyAdd(_minusRate, Vector.FusedMultiplyAdd(_decay, w, g), w);
}

/// <summary>v = momentum·v + g; w −= rate·v.</summary>
internal readonly struct MomentumRule(float rate, float momentum, float decay) : IUpdateRule
{
    private readonly Vector<float> _minusRate = new(-rate);
    private readonly Vector<float> _momentum = new(momentum);
    private readonly Vector<float> _decay = new(decay);

    public static int Slots => 1;

    public void Apply(ref Vector<float> w, Vector<float> g, ref Vector<float> first, ref Vector<float> second)
    {
        first = Vector.FusedMultiplyAdd(_momentum, first, Vector.FusedMultiplyAdd(_decay, w, g));
        w = Vector.FusedMultiplyAdd(_minusRate, first, w);
    }
}

/// <summary>v = momentum·v + g; w −= rate·(g + momentum·v).</summary>
internal readonly struct NesterovRule(float rate, float momentum, float decay) : IUpdateRule
{
    private readonly Vector<float> _minusRate = new(-rate);
    private readonly Vector<float> _momentum = new(momentum);
    private readonly Vector<float> _decay = new(decay);

    public static int Slots => 1;

    public void Apply(ref Vector<float> w, Vector<float> g, ref Vector<float> first, ref Vector<float> second)
    {
        g = Vector.FusedMultiplyAdd(_decay, w, g);
        first = Vector.FusedMultiplyAdd(_momentum, first, g);
        w = Vector.FusedMultiplyAdd(_minusRate, Vector.FusedMultiplyAdd(_momentum, first, g), w);
    }
}

/// <summary>Adam and AdamW; the bias corrections are folded into two factors a step.</summary>
internal readonly struct AdamRule : IUpdateRule
{
    private readonly Vector<float> _minusRate;
    private readonly Vector<float> _rootCorrection;
    private readonly Vector<float> _beta1;
    private readonly Vector<float> _beta2;
    private readonly Vector<float> _rest1;
    private readonly Vector<float> _rest2;
    private readonly Vector<float> _epsilon;
    private readonly Vector<float> _coupledDecay;
    private readonly Vector<float> _minusShrink;

    public AdamRule(long step, float rate, float beta1, float beta2, float epsilon, float decay, bool decoupled)
    {
        _minusRate = new Vector<float>((float)(-rate / (1 - Math.Pow(beta1, step))));
        _rootCorrection = new Vector<float>((float)(1 / Math.Sqrt(1 - Math.Pow(beta2, step))));
        _beta1 = new Vector<float>(beta1);
        _beta2 = new Vector<float>(beta2);
        _rest1 = new Vector<float>((float)(1 - (double)beta1));
        _rest2 = new Vector<float>((float)(1 - (double)beta2));
        _epsilon = new Vector<float>(epsilon);
        _coupledDecay = new Vector<float>(decoupled ? 0 : decay);
        _minusShrink = new Vector<float>(decoupled ? (float)(-(double)rate * decay) : 0);
    }

    public static int Slots => 2;

    public void Apply(ref Vector<float> w, Vector<float> g, ref Vector<float> first, ref Vector<float> second)
    {
        g = Vector.FusedMultiplyAdd(_coupledDecay, w, g);
        w = Vector.FusedMultiplyAdd(_minusShrink, w, w);
        first = Vector.FusedMultiplyAdd(_beta1, first, _rest1 * g);
        second = Vector.FusedMultiplyAdd(_beta2, second, _rest2 * g * g);
        w += _minusRate * first / Vector.FusedMultiplyAdd(Vector.SquareRoot(second), _rootCorrection, _epsilon);
    }
}

/// <summary>s = keep·s + add·g²; w −= rate·g / (√s + epsilon): RMSProp, and AdaGrad with keep = add = 1.</summary>
internal readonly struct RootRule(float rate, float keep, float add, float epsilon, float decay) : IUpdateRule
{
    private readonly Vector<float> _rate = new(rate);
    private readonly Vector<float> _keep = new(keep);
    private readonly Vector<float> _add = new(add);
    private readonly Vector<float> _epsilon = new(epsilon);
    private readonly Vector<float> _decay = new(decay);

    public static int Slots => 1;

    public void Apply(ref Vector<float> w, Vector<float> g, ref Vector<float> first, ref Vector<float> second)
    {
        g = Vector.FusedMultiplyAdd(_decay, w, g);
        first = Vector.FusedMultiplyAdd(_keep, first, _add * g * g);
        w -= _rate * g / (Vector.SquareRoot(first) + _epsilon);
    }
}
