namespace TaaS.Kernels;

/// <summary>Parameter updates, in place, one pass over memory. <b>Shapes</b>: parameter, gradient and each slot share one shape, contiguous.</summary>
public interface IOptimizerKernels
{
    /// <summary>g += decay·w; v = momentum·v + g; w −= rate·(nesterov ? g + momentum·v : v). With momentum 0 the slot is not touched and may be null (Sutskever et al. 2013).</summary>
    void Sgd(View parameter, View gradient, View? velocity, float rate, float momentum, float decay, bool nesterov);

    /// <summary>Adam (Kingma and Ba 2015, arXiv:1412.6980), bias-corrected for <paramref name="step"/> ≥ 1; <paramref name="decoupled"/> applies decay to the weight itself: AdamW (arXiv:1711.05101).</summary>
    void Adam(View parameter, View gradient, View first, View second, long step, float rate, float beta1, float beta2, float epsilon, float decay, bool decoupled);

    /// <summary>s = alpha·s + (1 − alpha)·g²; w −= rate·g / (√s + epsilon) (Hinton, Coursera lecture 6e).</summary>
    void RmsProp(View parameter, View gradient, View square, float rate, float alpha, float epsilon, float decay);

    /// <summary>s += g²; w −= rate·g / (√s + epsilon) (Duchi et al. 2011).</summary>
    void AdaGrad(View parameter, View gradient, View sum, float rate, float epsilon, float decay);

    /// <summary>One rule on many parameters, as if called for each; a device may do it with one launch.</summary>
    void Update(UpdateList updates, UpdateRule rule)
    {
        foreach (ref readonly var update in updates.Items)
        {
            Update(update, rule);
        }
    }

    /// <summary>One rule on one parameter.</summary>
    sealed void Update(in ParameterUpdate update, in UpdateRule rule)
    {
        switch (rule.Kind)
        {
            case UpdateRuleKind.Sgd:
                Sgd(update.Parameter, update.Gradient, update.First, rule.Rate, rule.Momentum, rule.Decay, rule.Nesterov);
                break;
            case UpdateRuleKind.Adam:
                Adam(update.Parameter, update.Gradient, update.First!.Value, update.Second!.Value, rule.Step, rule.Rate, rule.Beta1, rule.Beta2, rule.Epsilon, rule.Decay, rule.Decoupled);
                break;
            case UpdateRuleKind.RmsProp:
                RmsProp(update.Parameter, update.Gradient, update.First!.Value, rule.Rate, rule.Alpha, rule.Epsilon, rule.Decay);
                break;
            case UpdateRuleKind.AdaGrad:
                AdaGrad(update.Parameter, update.Gradient, update.First!.Value, rule.Rate, rule.Epsilon, rule.Decay);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(rule), rule.Kind, "update: no such rule");
        }
    }
}
