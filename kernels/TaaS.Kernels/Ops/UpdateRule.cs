namespace TaaS.Kernels;

/// <summary>How an optimizer turns gradients into steps.</summary>
public enum UpdateRuleKind
{
    /// <summary><see cref="IOptimizerKernels.Sgd"/>.</summary>
    Sgd,

    /// <summary><see cref="IOptimizerKernels.Adam"/>.</summary>
    Adam,

    /// <summary><see cref="IOptimizerKernels.RmsProp"/>.</summary>
    RmsProp,

    /// <summary><see cref="IOptimizerKernels.AdaGrad"/>.</summary>
    AdaGrad,
}

/// <summary>An optimizer's rule with the numbers of one step; the members mean what they do in <see cref="IOptimizerKernels"/>, and those of other rules are 0.</summary>
public readonly record struct UpdateRule
{
    /// <summary>Which rule.</summary>
    public UpdateRuleKind Kind { get; private init; }

    /// <summary>Step size.</summary>
    public float Rate { get; private init; }

    /// <summary>Weight decay.</summary>
    public float Decay { get; private init; }

    /// <summary>Of <see cref="UpdateRuleKind.Sgd"/>.</summary>
    public float Momentum { get; private init; }

    /// <summary>Of <see cref="UpdateRuleKind.Sgd"/>.</summary>
    public bool Nesterov { get; private init; }

    /// <summary>Of <see cref="UpdateRuleKind.Adam"/>, from 1.</summary>
    public long Step { get; private init; }

    /// <summary>Of <see cref="UpdateRuleKind.Adam"/>.</summary>
    public float Beta1 { get; private init; }

    /// <summary>Of <see cref="UpdateRuleKind.Adam"/>.</summary>
    public float Beta2 { get; private init; }

    /// <summary>Of <see cref="UpdateRuleKind.Adam"/>.</summary>
    public bool Decoupled { get; private init; }

    /// <summary>Of <see cref="UpdateRuleKind.RmsProp"/>.</summary>
    public float Alpha { get; private init; }

    /// <summary>Of all but <see cref="UpdateRuleKind.Sgd"/>.</summary>
    public float Epsilon { get; private init; }

    /// <summary>Stochastic gradient descent.</summary>
    public static UpdateRule Sgd(float rate, float momentum, float decay, bool nesterov) =>
        new() { Kind = UpdateRuleKind.Sgd, Rate = rate, Momentum = momentum, Decay = decay, Nesterov = nesterov };

    /// <summary>Adam and AdamW.</summary>
    public static UpdateRule Adam(long step, float rate, float beta1, float beta2, float epsilon, float decay, bool decoupled) =>
        new() { Kind = UpdateRuleKind.Adam, Step = step, Rate = rate, Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon, Decay = decay, Decoupled = decoupled };

    /// <summary>RMSProp.</summary>
    public static UpdateRule RmsProp(float rate, float alpha, float epsilon, float decay) =>
        new() { Kind = UpdateRuleKind.RmsProp, Rate = rate, Alpha = alpha, Epsilon = epsilon, Decay = decay };

    /// <summary>AdaGrad.</summary>
    public static UpdateRule AdaGrad(float rate, float epsilon, float decay) =>
        new() { Kind = UpdateRuleKind.AdaGrad, Rate = rate, Epsilon = epsilon, Decay = decay };
}
