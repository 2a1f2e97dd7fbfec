using TaaS.Kernels;

namespace TaaS.Runtime.ParameterServer;

/// <summary>A worker's sight of the shared parameters. Bound to the model's parameter memory when made; used by one thread.</summary>
public interface IParameterStore : IDisposable
{
    /// <summary>How the parameters are cut and spread.</summary>
    ParameterLayout Layout { get; }

    /// <summary>The chief gives every value before anyone may pull.</summary>
    /// <param name="state">Values, optimizer slots, and the step at which workers begin.</param>
    /// <exception cref="TrainingException">A server is lost, refuses, or was initialised before.</exception>
    void Initialize(ParameterState state);

    /// <summary>Waits until parameters are there, and brings them into the model.</summary>
    /// <returns>Step at which this worker begins.</returns>
    /// <exception cref="TrainingException">A server is lost, or the chief did not come in time.</exception>
    long Pull();

    /// <summary>Begins the exchange of a step, whose gradients may still be in the making.</summary>
    /// <param name="step">This worker's step, one more than the last.</param>
    /// <param name="gradients">Gradient memory in the layout's order, contiguous, on the host. The same list each time costs nothing.</param>
    void Begin(long step, IReadOnlyList<View> gradients);

    /// <summary>Pushes one parameter's gradient, which stays as it is until <see cref="Complete"/> returns. Returns at once: the push overlaps what follows.</summary>
    /// <param name="parameter">Index in the layout.</param>
    void Push(int parameter);

    /// <summary>Pushes what was not pushed yet and brings fresh parameters into the model; its memory is left alone before. Slices overlap.</summary>
    /// <exception cref="TrainingException">A server or a worker is lost; the message says which and what was waited for.</exception>
    void Complete();

    /// <summary>Pushes gradients that are all there, and brings fresh parameters into the model.</summary>
    /// <inheritdoc cref="Begin" path="/param"/>
    /// <inheritdoc cref="Complete" path="/exception"/>
    void Exchange(long step, IReadOnlyList<View> gradients)
    {
        Begin(step, gradients);
        Complete();
    }

    /// <summary>Waits until every other worker has left, and brings the final parameters into the model.</summary>
    /// <exception cref="TrainingException">The others did not end in time, or a server is lost.</exception>
    void PullFinal();

    /// <summary>Copies parameters and optimizer slots, for a checkpoint.</summary>
    /// <param name="step">Step at which training would go on.</param>
    ParameterState Snapshot(long step);

    /// <summary>Says that this worker has finished, so that nobody waits for it.</summary>
    void Leave();
}
