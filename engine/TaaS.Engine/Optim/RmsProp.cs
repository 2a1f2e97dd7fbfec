using TaaS.Kernels;

namespace TaaS.Engine.Optim;

/// <summary>RMSProp; see <see cref="IOptimizerKernels.RmsProp"/>.</summary>
public sealed class RmsProp(IEnumerable<(string Name, Tensor Value)> parameters, float learningRate = 1e-2f, float alpha = 0.99f, float epsilon = 1e-8f, float weightDecay = 0)
    : Optimizer(parameters, learningRate)
{
    private static readonly string[] Kept = ["square"];

    private protected override UpdateRule Rule => UpdateRule.RmsProp(LearningRate, alpha, epsilon, weightDecay);

    private protected override ReadOnlySpan<string> SlotNames => Kept;
}
