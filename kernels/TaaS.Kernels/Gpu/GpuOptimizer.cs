using System.Runtime.CompilerServices;

namespace TaaS.Kernels.Gpu;

/// <summary>Parameter updates: a rule struct each; a whole model is one launch (<see cref="UpdateTable"/>).</summary>
internal sealed class GpuOptimizer(GpuDevice device) : IOptimizerKernels
{
    private readonly UpdateLaunch<PlainSgdRule> _plainSgd = new(device);
    private readonly UpdateLaunch<MomentumRule> _momentum = new(device);
    private readonly UpdateLaunch<NesterovRule> _nesterov = new(device);
    private readonly UpdateLaunch<AdamRule> _adam = new(device);
    private readonly UpdateLaunch<RootRule> _root = new(device);
    private readonly ConditionalWeakTable<UpdateList, UpdateTable> _tables = [];

    public void Sgd(View parameter, View gradient, View? velocity, float rate, float momentum, float decay, bool nesterov)
    {
        if (momentum == 0)
        {
            _plainSgd.Run(new PlainSgdRule(rate, decay), parameter, gradient);
        }
        else if (nesterov)
        {
            _nesterov.Run(new NesterovRule(rate, momentum, decay), parameter, gradient, velocity);
        }
        else
        {
            _momentum.Run(new MomentumRule(rate, momentum, decay), parameter, gradient, velocity);
        }
    }

    public void Adam(View parameter, View gradient, View first, View second, long step, float rate, float beta1, float beta2, float epsilon, float decay, bool decoupled) =>
        _adam.Run(new AdamRule(step, rate, beta1, beta2, epsilon, decay, decoupled), parameter, gradient, first, second);

    public void RmsProp(View parameter, View gradient, View square, float rate, float alpha, float epsilon, float decay) =>
        _root.Run(RmsPropRule(rate, alpha, epsilon, decay), parameter, gradient, square);

    public void AdaGrad(View parameter, View gradient, View sum, float rate, float epsilon, float decay) =>
        _root.Run(AdaGradRule(rate, epsilon, decay), parameter, gradient, sum);

    public void Update(UpdateList updates, UpdateRule rule)
    {
        if (!_tables.TryGetValue(updates, out var table))
        {
            _tables.Add(updates, table = new UpdateTable(device, updates));
        }

        if (table.IsOrdered)
        {
            foreach (ref readonly var update in updates.Items)
            {
                ((IOptimizerKernels)this).Update(update, rule);
            }
        }
        else if (table.Count > 0)
        {
            Run(table, rule);
        }

        GC.KeepAlive(updates);
    }

    private void Run(UpdateTable table, in UpdateRule rule)
    {
        switch (rule.Kind)
        {
            case UpdateRuleKind.Sgd when rule.Momentum == 0:
                _plainSgd.Run(new PlainSgdRule(rule.Rate, rule.Decay), table);
                break;
            case UpdateRuleKind.Sgd when rule.Nesterov:
                _nesterov.Run(new NesterovRule(rule.Rate, rule.Momentum, rule.Decay), table);
                break;
            case UpdateRuleKind.Sgd:
                _momentum.Run(new MomentumRule(rule.Rate, rule.Momentum, rule.Decay), table);
                break;
            case UpdateRuleKind.Adam:
                _adam.Run(new AdamRule(rule.Step, rule.Rate, rule.Beta1, rule.Beta2, rule.Epsilon, rule.Decay, rule.Decoupled), table);
                break;
            case UpdateRuleKind.RmsProp:
                _root.Run(RmsPropRule(rule.Rate, rule.Alpha, rule.Epsilon, rule.Decay), table);
                break;
            case UpdateRuleKind.AdaGrad:
                _root.Run(AdaGradRule(rule.Rate, rule.Epsilon, rule.Decay), table);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(rule), rule.Kind, "update: no such rule");
        }
    }

    private static RootRule RmsPropRule(float rate, float alpha, float epsilon, float decay) => new(rate, alpha, (float)(1 - (double)alpha), epsilon, decay);

    private static RootRule AdaGradRule(float rate, float epsilon, float decay) => new(rate, 1, 1, epsilon, decay);
}
