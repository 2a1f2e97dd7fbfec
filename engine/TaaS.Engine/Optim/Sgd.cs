using TaaS.Kernels;

namespace TaaS.Engine.Optim;

/// <summary>Stochastic gradient descent with momentum, Nesterov's variant and weight decay; see <see cref="IOptimizerKernels.Sgd"/>.</summary>
public sealed class Sgd(IEnumerable<(string Name, Tensor Value)> parameters, float learningRate, float momentum = 0, float weightDecay = 0, bool nesterov = false)
    : Optimizer(parameters, learningRate)
{
    private static readonly string[] Kept = ["velocity"];

    private protected override UpdateRule Rule => UpdateRule.Sgd(LearningRate, momentum, weightDecay, nesterov);

    private protected override ReadOnlySpan<string> SlotNames => momentum == 0 ? [] : Kept;
}
