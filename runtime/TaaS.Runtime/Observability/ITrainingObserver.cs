using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Kernels;
using TaaS.Runtime.Summaries;

namespace TaaS.Runtime.Observability;

/// <summary>Looks on while a worker trains, on the worker's thread. What it throws ends training, so it keeps its own troubles to itself.</summary>
internal interface ITrainingObserver
{
    /// <summary>The worker has its first parameters.</summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">What it is trained on.</param>
    /// <param name="step">Step at which the worker begins, counted over all epochs.</param>
    void Begin(Module model, IDataset samples, long step);

    /// <summary>A step is done. In the hot path: allocates nothing.</summary>
    /// <param name="step">Steps done, counted over all epochs.</param>
    /// <param name="samples">Samples of this step.</param>
    void Step(long step, int samples);

    /// <summary>An epoch is done and evaluated: of the chief alone.</summary>
    /// <param name="epoch">What the epoch left.</param>
    void EndEpoch(EpochView epoch);
}

/// <summary>What an epoch left in the chief.</summary>
/// <param name="Epoch">Number of the epoch, from 1.</param>
/// <param name="Step">Steps done, counted over all epochs.</param>
/// <param name="Parameters">The model's parameters, with names.</param>
/// <param name="Gradients">Gradients of the last step, in the order of the parameters; empty if no step was done.</param>
/// <param name="Confusion">Of the test set, or null where outputs are not one for each class.</param>
internal readonly record struct EpochView(
    int Epoch,
    long Step,
    IReadOnlyList<(string Name, Tensor Value)> Parameters,
    IReadOnlyList<View> Gradients,
    ConfusionMatrix? Confusion);
