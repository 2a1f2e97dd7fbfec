namespace TaaS.Kernels.Cpu;

/// <summary>Parameter updates: a rule struct each, one loop for all (<see cref="UpdateJob{TRule}"/>).</summary>
internal sealed class CpuOptimizer : IOptimizerKernels
{
    public void Sgd(View parameter, View gradient, View? velocity, float rate, float momentum, float decay, bool nesterov)
    {
        if (momentum == 0)
        {
            UpdateJob<PlainSgdRule>.Run(new PlainSgdRule(rate, decay), parameter, gradient);
        }
        else if (nesterov)
        {
            UpdateJob<NesterovRule>.Run(new NesterovRule(rate, momentum, decay), parameter, gradient, velocity);
        }
        else
        {
            UpdateJob<MomentumRule>.Run(new MomentumRule(rate, momentum, decay), parameter, gradient, velocity);
        }
    }

    public void Adam(View parameter, View gradient, View first, View second, long step, float rate, float beta1, float beta2, float epsilon, float decay, bool decoupled) =>
        UpdateJob<AdamRule>.Run(new AdamRule(step, rate, beta1, beta2, epsilon, decay, decoupled), parameter, gradient, first, second);

    public void RmsProp(View parameter, View gradient, View square, float rate, float alpha, float epsilon, float decay) =>
        UpdateJob<RootRule>.Run(new RootRule(rate, alpha, (float)(1 - (double)alpha), epsilon, decay), parameter, gradient, square);

    public void AdaGrad(View parameter, View gradient, View sum, float rate, float epsilon, float decay) =>
        UpdateJob<RootRule>.Run(new RootRule(rate, 1, 1, epsilon, decay), parameter, gradient, sum);
}
