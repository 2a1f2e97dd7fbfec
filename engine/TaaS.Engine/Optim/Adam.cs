using TaaS.Kernels;

namespace TaaS.Engine.Optim;

/// <summary>Adam, decay added to the gradient. <b>Source</b>: arXiv:1412.6980.</summary>
public class Adam : Optimizer
{
    private static readonly string[] Kept = ["first", "second"];
    private readonly float _beta1;
    private readonly float _beta2;
    private readonly float _epsilon;
    private readonly float _weightDecay;
    private readonly bool _decoupled;

    /// <summary>Makes the optimizer.</summary>
    public Adam(IEnumerable<(string Name, Tensor Value)> parameters, float learningRate = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float epsilon = 1e-8f, float weightDecay = 0)
        : this(parameters, learningRate, beta1, beta2, epsilon, weightDecay, decoupled: false)
    {
    }

    private protected Adam(IEnumerable<(string Name, Tensor Value)> parameters, float learningRate, float beta1, float beta2, float epsilon, float weightDecay, bool decoupled)
        : base(parameters, learningRate) =>
        (_beta1, _beta2, _epsilon, _weightDecay, _decoupled) = (beta1, beta2, epsilon, weightDecay, decoupled);

    private protected override UpdateRule Rule => UpdateRule.Adam(StepCount, LearningRate, _beta1, _beta2, _epsilon, _weightDecay, _decoupled);

    private protected override ReadOnlySpan<string> SlotNames => Kept;
}

/// <summary>Adam with decay of the weights themselves. <b>Source</b>: Loshchilov and Hutter, arXiv:1711.05101.</summary>
public sealed class AdamW(IEnumerable<(string Name, Tensor Value)> parameters, float learningRate = 1e-3f, float beta1 = 0.9f, float beta2 = 0.999f, float epsilon = 1e-8f, float weightDecay = 0.01f)
    : Adam(parameters, learningRate, beta1, beta2, epsilon, weightDecay, decoupled: true);
