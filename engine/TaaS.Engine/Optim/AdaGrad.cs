using TaaS.Kernels;

namespace TaaS.Engine.Optim;

/// <summary>AdaGrad; see <see cref="IOptimizerKernels.AdaGrad"/>.</summary>
public sealed class AdaGrad(IEnumerable<(string Name, Tensor Value)> parameters, float learningRate = 1e-2f, float epsilon = 1e-10f, float weightDecay = 0)
    : Optimizer(parameters, learningRate)
{
    private static readonly string[] Kept = ["sum"];

    private protected override UpdateRule Rule => UpdateRule.AdaGrad(LearningRate, epsilon, weightDecay);

    private protected override ReadOnlySpan<string> SlotNames => Kept;
}
