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

    /// <summary>Pushes gradients and brings fresh parameters into the model, in one round trip; slices overlap.</summary>
    /// <param name="step">This worker's step, one more than the last.</param>
    /// <param name="gradients">Gradient memory in the layout's order, contiguous, on the host. The same list each time costs nothing.</param>
    /// <exception cref="TrainingException">A server or a worker is lost; the message says which and what was waited for.</exception>
    void Exchange(long step, IReadOnlyList<View> gradients);

    /// <summary>Waits until every other worker has left, and brings the final parameters into the model.</summary>
    /// <exception cref="TrainingException">The others did not end in time, or a server is lost.</exception>
    void PullFinal();

    /// <summary>Copies parameters and optimizer slots, for a checkpoint.</summary>
    /// <param name="step">Step at which training would go on.</param>
    ParameterState Snapshot(long step);

    /// <summary>Says that this worker has finished, so that nobody waits for it.</summary>
    void Leave();
}
