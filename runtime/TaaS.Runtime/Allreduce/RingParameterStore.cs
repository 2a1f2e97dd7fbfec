using System.Globalization;
using System.IO.Hashing;
using TaaS.Kernels;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Allreduce;

/// <summary>
/// A worker's sight of parameters that the workers keep among themselves: gradients are averaged round a ring, each worker updates its
/// share of the parameters, and fresh values go round to all. No server; every step waits for every worker.
/// </summary>
/// <remarks>
/// Every worker gets the same bits, the same in every run. With two workers they are those of <c>sync</c> with servers; with more, the
/// order in which gradients are summed differs from chunk to chunk. Optimizer state is kept once in the whole ring, not once a worker.
/// When a worker is lost, training goes back: the others close the ring anew as soon as its successor is there.
/// </remarks>
public sealed class RingParameterStore : IParameterStore
{
    private const int MostLossesInVain = 10;

    private readonly RingLayout _buckets;
    private readonly RingMemory _memory;
    private readonly RingPlace _place;
    private readonly int _slots;
    private readonly Func<TransportOptions, string?, RingExchange> _open;
    private readonly TransportOptions _options;
    private readonly bool[] _isPushed;
    private readonly int[] _lacking;
    private RingExchange _exchange;
    private int _next;
    private long _step;
    private int _lossesInVain;

    /// <summary>Listens, and starts to connect; the first question waits until the ring is closed.</summary>
    /// <param name="addresses">Where each worker listens: <c>host:port</c> or <c>unix:/path</c>.</param>
    /// <param name="worker">Index of this worker.</param>
    /// <param name="layout">The model's parameters.</param>
    /// <param name="values">Parameter memory, contiguous, on the host, in the layout's order.</param>
    /// <param name="optimizer">Update rule; all workers must have the same.</param>
    /// <param name="options">Limits and the secret.</param>
    /// <exception cref="TransportException">The address of this worker is taken or not of this machine.</exception>
    public RingParameterStore(IReadOnlyList<string> addresses, int worker, ParameterLayout layout, IReadOnlyList<View> values, OptimizerSettings optimizer, TransportOptions options)
        : this(addresses, worker, layout, values, optimizer, options, RingLayout.DefaultChunkElements)
    {
    }

    internal RingParameterStore(IReadOnlyList<string> addresses, int worker, ParameterLayout layout, IReadOnlyList<View> values, OptimizerSettings optimizer, TransportOptions options, int chunkElements)
    {
        Layout = layout;
        _place = new RingPlace(addresses, worker);
        _slots = optimizer.Slots.Count;
        _buckets = new RingLayout(layout.Parameters, addresses.Count, chunkElements);
        _memory = new RingMemory(_buckets, worker, values, _slots);
        _isPushed = new bool[values.Count];
        _lacking = new int[_buckets.Buckets.Length];
        _options = options;
        var (rate, job) = (optimizer.RateOver(layout.PlannedUpdates), JobOf(addresses.Count, layout, optimizer));
        _open = (limits, after) => new RingExchange(_place, _buckets, _memory, optimizer, rate, job, limits, after);
        _exchange = _open(options, null);
    }

    /// <inheritdoc/>
    public ParameterLayout Layout { get; }

    /// <inheritdoc/>
    public bool Initialize(ParameterState state)
    {
        if (_place.Worker != 0)
        {
            throw new TrainingException($"worker {_place.Worker} cannot initialise parameters; only worker 0, the chief, does");
        }

        try
        {
            _exchange.Initialize(state);
            return true;
        }
        catch (RingLossException loss)
        {
            Reopen(loss);
            return false;
        }
    }

    /// <inheritdoc/>
    public long? Pull()
    {
        try
        {
            _exchange.AwaitBegin();
        }
        catch (RingLossException loss)
        {
            Reopen(loss);
            return null;
        }

        for (var bucket = 0; bucket < _lacking.Length; bucket++)
        {
            _memory.Deliver(bucket);
        }

        return _exchange.FirstStep;
    }

    /// <inheritdoc/>
    public void Begin(long step, IReadOnlyList<View> gradients)
    {
        _exchange.RequireStep(step);
        _step = step;
        _memory.Gradients = gradients;
        Array.Clear(_isPushed);
        for (var bucket = 0; bucket < _lacking.Length; bucket++)
        {
            _lacking[bucket] = _buckets.Buckets[bucket].Parameters.Length;
        }

        _next = 0;
    }

    /// <inheritdoc/>
    public void Push(int parameter)
    {
        if (_isPushed[parameter])
        {
            return;
        }

        _isPushed[parameter] = true;
        foreach (var bucket in _buckets.BucketsOf[parameter])
        {
            _lacking[bucket]--;
        }

        // In the same order everywhere, so that no worker waits for a bucket behind one that another worker has not begun.
        while (_next < _lacking.Length && _lacking[_next] == 0)
        {
            _exchange.Release(_next++);
        }
    }

    /// <inheritdoc/>
    public long? Complete()
    {
        for (var parameter = _isPushed.Length - 1; parameter >= 0; parameter--)
        {
            Push(parameter);
        }

        try
        {
            for (var bucket = 0; bucket < _lacking.Length; bucket++)
            {
                _exchange.AwaitBucket(bucket);
                _memory.Deliver(bucket);
            }
        }
        catch (RingLossException loss)
        {
            Reopen(loss);
            return null;
        }

        _exchange.Advance();
        _lossesInVain = 0;
        return _step + 1;
    }

    /// <summary>Has nothing to do: after a step every worker has the same parameters.</summary>
    public bool PullFinal() => true;

    /// <inheritdoc/>
    public ParameterState? Snapshot(long step)
    {
        try
        {
            return _exchange.Gather(ParameterState.Allocate(Layout.Parameters, _slots) with { Step = step, Updates = _exchange.Updates });
        }
        catch (RingLossException loss)
        {
            Reopen(loss);
            return null;
        }
    }

    /// <inheritdoc/>
    public bool Finish()
    {
        try
        {
            _exchange.Leave();
            return true;
        }
        catch (RingLossException loss)
        {
            Reopen(loss);
            return false;
        }
    }

    /// <summary>Gives no more gradients and waits until the others leave too: until then it passes on what they send.</summary>
    public void Leave()
    {
        try
        {
            _exchange.Leave();
        }
        catch (RingLossException)
        {
            // Those who are lost need not be waited for.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _exchange.Dispose();

    // Closes what is left of the ring here, and begins another in which a successor may take the lost worker's place.
    private void Reopen(RingLossException loss)
    {
        if (++_lossesInVain > MostLossesInVain)
        {
            throw new TrainingException($"{loss.Message}; the ring broke {_lossesInVain} times without a step in between", loss);
        }

        _exchange.Dispose();
        _exchange = _open(_options with { Connect = _options.Reconnect }, loss.Message);
    }

    // What all workers must agree on; a model may be too long to be sent in a greeting.
    internal static string JobOf(int workers, ParameterLayout layout, OptimizerSettings optimizer)
    {
        var fingerprint = XxHash3.HashToUInt64(layout.ToJson());
        return string.Create(CultureInfo.InvariantCulture, $"{workers} workers; {optimizer}; model {fingerprint:x16} of {layout.Parameters.Count} parameters, {layout.PlannedUpdates} updates");
    }
}
