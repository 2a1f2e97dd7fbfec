using System.Globalization;
using TaaS.Engine.Optim;
using TaaS.Kernels;

namespace TaaS.Runtime.ParameterServer;

/// <summary>The update rule that a server applies to its slices.</summary>
public sealed record OptimizerSettings
{
    /// <summary><c>sgd</c>, <c>adam</c>, <c>adamw</c>, <c>rmsprop</c> or <c>adagrad</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Step size, before the schedule.</summary>
    public required float LearningRate { get; init; }

    /// <summary>How the step size falls over all planned updates: <c>constant</c>, <c>linear</c> or <c>cosine</c>.</summary>
    public string Schedule { get; init; } = "constant";

    /// <summary>Share of the planned updates over which the step size first rises.</summary>
    public float Warmup { get; init; }

    /// <summary>SGD: share of the last velocity kept.</summary>
    public float Momentum { get; init; }

    /// <summary>SGD: look ahead by Nesterov's rule.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay.</summary>
    public float WeightDecay { get; init; }

    /// <summary>Adam: decay of the first moment.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>Adam: decay of the second moment.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>RMSProp: decay of the squared gradient.</summary>
    public float Alpha { get; init; } = 0.99f;

    /// <summary>Keeps divisions finite.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Names of the state kept for each parameter, as checkpoints call them.</summary>
    /// <exception cref="TrainingException">No such optimizer.</exception>
    public IReadOnlyList<string> Slots => Name switch
    {
        "sgd" => Momentum == 0 ? [] : ["velocity"],
        "adam" or "adamw" => ["first", "second"],
        "rmsprop" => ["square"],
        "adagrad" => ["sum"],
        _ => throw new TrainingException($"the optimizer '{Name}' is not known; choose sgd, adam, adamw, rmsprop or adagrad"),
    };

    /// <summary>Step size as a function of the updates made, for a run of that many.</summary>
    /// <exception cref="TrainingException">No such schedule.</exception>
    public LearningRateSchedule RateOver(long updates)
    {
        var rise = (long)(updates * Warmup);
        var rest = Math.Max(updates - rise, 1);
        LearningRateSchedule rate = Schedule switch
        {
            "constant" => new ConstantRate(LearningRate),
            "linear" => new LinearRate(LearningRate, rest),
            "cosine" => new CosineRate(LearningRate, rest),
            _ => throw new TrainingException($"the schedule '{Schedule}' is not known; choose constant, linear or cosine"),
        };
        return rise > 0 ? new WarmUp(rise, rate) : rate;
    }

    /// <summary>Applies one update in place.</summary>
    /// <param name="value">Parameter or a slice of it.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="slots">One view for each of <see cref="Slots"/>.</param>
    /// <param name="update">Number of this update, from 1.</param>
    /// <param name="rate">Step size of this update.</param>
    internal void Apply(View value, View gradient, ReadOnlySpan<View> slots, long update, float rate) =>
        value.Buffer.Device.Optimizer.Update(Pair(value, gradient, slots), Rule(update, rate));

    /// <summary>The rule of one update; see <see cref="Apply"/>.</summary>
    internal UpdateRule Rule(long update, float rate) => Name switch
    {
        "sgd" => UpdateRule.Sgd(rate, Momentum, WeightDecay, Nesterov),
        "adam" or "adamw" => UpdateRule.Adam(update, rate, Beta1, Beta2, Epsilon, WeightDecay, Name == "adamw"),
        "rmsprop" => UpdateRule.RmsProp(rate, Alpha, Epsilon, WeightDecay),
        _ => UpdateRule.AdaGrad(rate, Epsilon, WeightDecay),
    };

    /// <summary>A parameter beside its gradient and its slots; see <see cref="Apply"/>.</summary>
    internal static ParameterUpdate Pair(View value, View gradient, ReadOnlySpan<View> slots) =>
        new(value, gradient, slots.Length > 0 ? slots[0] : null, slots.Length > 1 ? slots[1] : null);

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name} rate {LearningRate:R} {Schedule} {Warmup:R} momentum {Momentum:R} nesterov {Nesterov} decay {WeightDecay:R} betas {Beta1:R} {Beta2:R} alpha {Alpha:R} epsilon {Epsilon:R}");
}
