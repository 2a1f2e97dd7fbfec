using TaaS.Kernels;

namespace TaaS.Runtime.ParameterServer;

/// <summary>A worker's sight of the shared parameters. Bound to the model's parameter memory when made; used by one thread.</summary>
/// <remarks>
/// Where servers may be lost, training can <b>go back</b>: a server that lost its memory makes the chief give every value anew from the
/// last checkpoint. Calls say so by their result (null or false); the chief then calls <see cref="Initialize"/>, and every worker <see cref="Pull"/>.
/// </remarks>
public interface IParameterStore : IDisposable
{
    /// <summary>How the parameters are cut and spread.</summary>
    ParameterLayout Layout { get; }

    /// <summary>What went over sockets so far; nothing where the servers are in this process.</summary>
    StoreTraffic Traffic => default;

    /// <summary>The chief gives every value, whatever was there before; nobody may pull earlier.</summary>
    /// <param name="state">Values, optimizer slots, and the step at which workers begin.</param>
    /// <returns>False if a server lost its memory meanwhile: call again.</returns>
    /// <exception cref="TrainingException">A server is lost or refuses.</exception>
    bool Initialize(ParameterState state);

    /// <summary>Waits until parameters are there, and brings them into the model. The chief must have given them.</summary>
    /// <returns>Step at which this worker goes on. Null to a chief whose parameters a server has lost already: give them anew.</returns>
    /// <exception cref="TrainingException">A server is lost, or the chief did not come in time.</exception>
    long? Pull();

    /// <summary>Begins the exchange of a step, whose gradients may still be in the making.</summary>
    /// <param name="step">This worker's step, as the last call said.</param>
    /// <param name="gradients">Gradient memory in the layout's order, contiguous, on the host. The same list each time costs nothing.</param>
    void Begin(long step, IReadOnlyList<View> gradients);

    /// <summary>Pushes one parameter's gradient, which stays as it is until <see cref="Complete"/> returns. Returns at once: the push overlaps what follows.</summary>
    /// <param name="parameter">Index in the layout.</param>
    void Push(int parameter);

    /// <summary>Pushes what was not pushed yet and brings fresh parameters into the model; its memory is left alone before. Slices overlap.</summary>
    /// <returns>The next step of this worker: one more, or later if the others went on without it. Null if training went back.</returns>
    /// <exception cref="TrainingException">A server or a worker is lost; the message says which and what was waited for.</exception>
    long? Complete();

    /// <summary>Pushes gradients that are all there, and brings fresh parameters into the model.</summary>
    /// <inheritdoc cref="Begin" path="/param"/>
    /// <inheritdoc cref="Complete" path="/returns"/>
    /// <inheritdoc cref="Complete" path="/exception"/>
    long? Exchange(long step, IReadOnlyList<View> gradients)
    {
        Begin(step, gradients);
        return Complete();
    }

    /// <summary>The chief waits until every other worker has finished or left, and brings the final parameters into the model.</summary>
    /// <returns>False if training went back.</returns>
    /// <exception cref="TrainingException">The others did not end in time, or a server is lost.</exception>
    bool PullFinal();

    /// <summary>Copies parameters and optimizer slots, for a checkpoint.</summary>
    /// <param name="step">Step at which training would go on.</param>
    /// <returns>Null if training went back.</returns>
    ParameterState? Snapshot(long step);

    /// <summary>Says that this worker has made all its steps. The chief ends training by it; any other worker waits for that, since it is needed again if training goes back.</summary>
    /// <returns>False if training went back.</returns>
    bool Finish();

    /// <summary>Leaves before the end, so that nobody waits for this worker.</summary>
    void Leave();
}
