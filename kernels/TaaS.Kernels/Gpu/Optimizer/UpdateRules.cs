namespace TaaS.Kernels.Gpu;

/// <summary>g += decay·w; w −= rate·g.</summary>
internal readonly struct PlainSgdRule(float rate, float decay) : IUpdateRule
{
    private readonly float _rate = rate;
    private readonly float _decay = decay;

    public static int Slots => 0;

    public UpdatedWeight Apply(float w, float g, float first, float second) => new(w - _rate * (_decay * w + g), first, second);
}

/// <summary>v = momentum·v + g; w −= rate·v.</summary>
internal readonly struct MomentumRule(float rate, float momentum, float decay) : IUpdateRule
{
    private readonly float _rate = rate;
    private readonly float _momentum = momentum;
    private readonly float _decay = decay;

    public static int Slots => 1;

    public UpdatedWeight Apply(float w, float g, float first, float second)
    {
        var velocity = _momentum * first + (_decay * w + g);
        return new UpdatedWeight(w - _rate * velocity, velocity, second);
    }
}

/// <summary>v = momentum·v + g; w −= rate·(g + momentum·v).</summary>
internal readonly struct NesterovRule(float rate, float momentum, float decay) : IUpdateRule
{
    private readonly float _rate = rate;
    private readonly float _momentum = momentum;
    private readonly float _decay = decay;

    public static int Slots => 1;

    public UpdatedWeight Apply(float w, float g, float first, float second)
    {
        var decayed = _decay * w + g;
        var velocity = _momentum * first + decayed;
        return new UpdatedWeight(w - _rate * (_momentum * velocity + decayed), velocity, second);
    }
}

/// <summary>Adam and AdamW; the bias corrections are folded into two factors a step.</summary>
internal readonly struct AdamRule : IUpdateRule
{
    private readonly float _rate;
    private readonly float _rootCorrection;
    private readonly float _beta1;
    private readonly float _beta2;
    private readonly float _rest1;
    private readonly float _rest2;
    private readonly float _epsilon;
    private readonly float _coupledDecay;
    private readonly float _shrink;

    public AdamRule(long step, float rate, float beta1, float beta2, float epsilon, float decay, bool decoupled)
    {
        _rate = (float)(rate / (1 - Math.Pow(beta1, step)));
        _rootCorrection = (float)(1 / Math.Sqrt(1 - Math.Pow(beta2, step)));
        _beta1 = beta1;
        _beta2 = beta2;
        _rest1 = (float)(1 - (double)beta1);
        _rest2 = (float)(1 - (double)beta2);
        _epsilon = epsilon;
        _coupledDecay = decoupled ? 0 : decay;
        _shrink = decoupled ? (float)((double)rate * decay) : 0;
    }

    public static int Slots => 2;

    public UpdatedWeight Apply(float w, float g, float first, float second)
    {
        var decayed = _coupledDecay * w + g;
        var moment = _beta1 * first + _rest1 * decayed;
        var square = _beta2 * second + _rest2 * decayed * decayed;
        return new UpdatedWeight(w - _shrink * w - _rate * moment / (MathF.Sqrt(square) * _rootCorrection + _epsilon), moment, square);
    }
}

/// <summary>s = keep·s + add·g²; w −= rate·g / (√s + epsilon): RMSProp, and AdaGrad with keep = add = 1.</summary>
internal readonly struct RootRule(float rate, float keep, float add, float epsilon, float decay) : IUpdateRule
{
    private readonly float _rate = rate;
    private readonly float _keep = keep;
    private readonly float _add = add;
    private readonly float _epsilon = epsilon;
    private readonly float _decay = decay;

    public static int Slots => 1;

    public UpdatedWeight Apply(float w, float g, float first, float second)
    {
        var decayed = _decay * w + g;
        var square = _keep * first + _add * decayed * decayed;
        return new UpdatedWeight(w - _rate * decayed / (MathF.Sqrt(square) + _epsilon), square, second);
    }
}
