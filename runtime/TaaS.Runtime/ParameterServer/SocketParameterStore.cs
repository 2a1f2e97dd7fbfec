using System.Diagnostics;
using System.Security.Cryptography;
using TaaS.Kernels;
using TaaS.Runtime.Compression;
using TaaS.Runtime.Observability;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.ParameterServer;

/// <summary>A worker's sight of parameters on servers in other processes. Content goes straight between sockets and the model's memory.</summary>
public sealed class SocketParameterStore : IParameterStore
{
    private readonly IServerLink[] _links;
    private readonly ExchangeRounds _rounds;
    private readonly LinkRequest[][] _pull;
    private readonly LinkRequest[][] _pullAtStep;
    private readonly LinkRequest[][] _pullFinal;
    private readonly UpdatePolicy _policy;
    private readonly int _worker;
    private readonly IReadOnlyList<View> _values;
    private readonly int _slots;
    private readonly WorkerMetrics? _metrics;
    private IReadOnlyList<View>? _gradients;
    private LinkRequest[][] _exchange = [];
    private (int Server, int Request)[][] _questionsOf = [];
    private uint _generation;
    private long _firstStep;
    private long _step;

    /// <summary>Starts to connect; the first question waits until servers answer.</summary>
    /// <param name="addresses">One for each server of the layout.</param>
    /// <param name="worker">Index of this worker.</param>
    /// <param name="layout">The model's parameters.</param>
    /// <param name="values">Parameter memory, contiguous, on the host, in the layout's order.</param>
    /// <param name="optimizer">Update rule; servers must have the same.</param>
    /// <param name="policy">Consistency; servers must have the same.</param>
    /// <param name="options">Limits and the secret.</param>
    public SocketParameterStore(
        IReadOnlyList<string> addresses,
        int worker,
        ParameterLayout layout,
        IReadOnlyList<View> values,
        OptimizerSettings optimizer,
        UpdatePolicy policy,
        TransportOptions options)
        : this(addresses, worker, layout, values, optimizer, policy, options, metrics: null)
    {
    }

    /// <summary>Counts what happens.</summary>
    internal SocketParameterStore(
        IReadOnlyList<string> addresses,
        int worker,
        ParameterLayout layout,
        IReadOnlyList<View> values,
        OptimizerSettings optimizer,
        UpdatePolicy policy,
        TransportOptions options,
        WorkerMetrics? metrics)
        : this(rounds => Dial(addresses, worker, layout, optimizer, policy, rounds, options, metrics), worker, layout, values, optimizer, policy) =>
        _metrics = metrics;

    /// <summary>Works on lines that are there.</summary>
    internal SocketParameterStore(Func<ExchangeRounds, IServerLink[]> links, int worker, ParameterLayout layout, IReadOnlyList<View> values, OptimizerSettings optimizer, UpdatePolicy policy)
    {
        Layout = layout;
        _rounds = new ExchangeRounds();
        _links = links(_rounds);
        _values = values;
        _slots = optimizer.Slots.Count;
        (_policy, _worker) = (policy, worker);
        _pull = Pulls(MessageType.Pull);
        _pullAtStep = Pulls(MessageType.Snapshot);
        _pullFinal = Pulls(MessageType.PullFinal);
    }

    /// <inheritdoc/>
    public ParameterLayout Layout { get; }

    /// <inheritdoc/>
    public StoreTraffic Traffic
    {
        get
        {
            var (pushed, pulled) = (0L, 0L);
            foreach (var link in _links)
            {
                var traffic = link.Traffic;
                pushed += traffic.BytesPushed;
                pulled += traffic.BytesPulled;
            }

            return new StoreTraffic(pushed, pulled);
        }
    }

    /// <inheritdoc/>
    public bool Initialize(ParameterState state)
    {
        _generation = NewGeneration();
        _rounds.Generation = 0;
        for (var part = 0; part <= _slots; part++)
        {
            var at = part;
            if (Ask(Requests(slice => new LinkRequest(MessageType.Initialize, slice.Index, at, LinkRequest.Window(Whole(state, slice, at), slice), default)), state.Updates, "parameters to be initialised").WentBack)
            {
                return false;
            }
        }

        _firstStep = state.Step;
        return !Ask(One(MessageType.InitializeDone), state.Step, "parameters to be initialised").WentBack;
    }

    /// <inheritdoc/>
    public long? Pull()
    {
        _rounds.Generation = 0;
        var step = PullAnew();
        _rounds.Generation = step is null ? 0 : _generation;
        return step;
    }

    /// <inheritdoc/>
    public void Begin(long step, IReadOnlyList<View> gradients)
    {
        if (!ReferenceEquals(gradients, _gradients))
        {
            _gradients = gradients;
            _exchange = Requests(slice => new LinkRequest(
                MessageType.Push,
                slice.Index,
                0,
                LinkRequest.Window(gradients[slice.Parameter], slice),
                LinkRequest.Window(_values[slice.Parameter], slice)));
            _questionsOf = [.. gradients.Select((_, parameter) => QuestionsOf(parameter).ToArray())];
        }

        _step = step;
        _rounds.Next();
        for (var server = 0; server < _links.Length; server++)
        {
            _links[server].Begin(_exchange[server], step, _generation, isHeld: true);
        }
    }

    /// <inheritdoc/>
    public void Push(int parameter)
    {
        foreach (var (server, request) in _questionsOf[parameter])
        {
            _links[server].Release(request);
        }
    }

    /// <inheritdoc/>
    public long? Complete()
    {
        var answer = Wait("fresh parameters after a push");

        // Where the others went on without this worker, the slice that is furthest behind needs it most.
        return answer.WentBack ? null : Math.Max(_step + 1, answer.LeastStep);
    }

    /// <inheritdoc/>
    public bool PullFinal() => !Ask(_pullFinal, 0, "the other workers to finish").WentBack;

    /// <inheritdoc/>
    public ParameterState? Snapshot(long step)
    {
        var state = ParameterState.Allocate(Layout.Parameters, _slots);
        long updates = 0;
        for (var part = 0; part <= _slots; part++)
        {
            var at = part;
            var answer = Ask(Requests(slice => new LinkRequest(MessageType.Snapshot, slice.Index, at, default, LinkRequest.Window(Whole(state, slice, at), slice))), step, "parameters for a checkpoint");
            if (answer.WentBack)
            {
                return null;
            }

            updates = Math.Max(updates, answer.MostStep);
        }

        return state with { Step = step, Updates = updates };
    }

    /// <inheritdoc/>
    public bool Finish()
    {
        if (Ask(One(MessageType.Finish), 0, "the chief to finish").WentBack)
        {
            return false;
        }

        Leave();
        return true;
    }

    /// <inheritdoc/>
    public void Leave() => Ask(One(MessageType.Leave), 0, "servers to let this worker go");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var link in _links)
        {
            link.Dispose();
        }
    }

    private static IServerLink[] Dial(IReadOnlyList<string> addresses, int worker, ParameterLayout layout, OptimizerSettings optimizer, UpdatePolicy policy, ExchangeRounds rounds, TransportOptions options, WorkerMetrics? metrics)
    {
        if (addresses.Count != layout.Servers)
        {
            throw new ArgumentException($"{addresses.Count} addresses for a layout of {layout.Servers} servers");
        }

        // One encoder for all links: each slice is sent by one of them.
        var encoder = policy.Compression.CreateCodec() is { } codec ? new GradientEncoder(codec, layout.Slices.Count) : null;
        return [.. addresses.Select((address, server) =>
            new ServerLink(new ServerDialer($"ps-{server}", address, worker, SocketParameterServer.Signature(server, policy, optimizer), layout, options), worker, rounds, options, encoder, metrics))];
    }

    private LinkRequest[][] Pulls(MessageType type) =>
        Requests(slice => new LinkRequest(type, slice.Index, 0, default, LinkRequest.Window(_values[slice.Parameter], slice)));

    private static View Whole(ParameterState state, ParameterSlice slice, int part)
    {
        var buffer = state.Parts[slice.Parameter][part];
        return new View(buffer, new Shape((int)buffer.Length));
    }

    private long? PullAnew()
    {
        if (_worker == 0)
        {
            // From a server that lost them meanwhile nobody else would ever bring others.
            return Ask(_pullAtStep, _firstStep, "parameters").WentBack ? null : _firstStep;
        }

        while (true)
        {
            // Any generation but the one that is over. A mixture shows that another is just beginning: what is over stays the same.
            var answer = Ask(_pull, 0, "the chief to initialise parameters");
            if (answer.IsMixed)
            {
                continue;
            }

            _generation = answer.Generation;
            if (Enter(answer) is { } step)
            {
                return step;
            }
        }
    }

    private static uint NewGeneration() => BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint))) | 1;

    // Takes the place that a pull found: null if training must begin anew for it.
    private long? Enter(LinkOutcome answer)
    {
        if (_policy.IsRepeatable && answer.LeastStep != answer.MostStep)
        {
            // Whoever had this place before pushed a step to some servers only; its gradient cannot be made again from these parameters.
            Ask(One(MessageType.Abandon), answer.MostStep, "servers to give up a generation");
            return null;
        }

        if (!answer.MustJoin)
        {
            // Its predecessor may have fallen before it had waited for those that lag.
            return _policy.Staleness <= 0 || !Ask(_pullAtStep, answer.LeastStep, "the slowest workers").WentBack ? answer.LeastStep : null;
        }

        for (var step = answer.MostStep; ;)
        {
            var joined = Ask(One(MessageType.Join), step, "servers to take this worker in");
            if (joined.WentBack)
            {
                return null;
            }

            if (joined.MostStep == step)
            {
                return Ask(_pullAtStep, step, "parameters of the step to begin with").WentBack ? null : step;
            }

            step = joined.MostStep;
        }
    }

    private LinkRequest[][] One(MessageType type)
    {
        var request = new[] { new LinkRequest(type, -1, 0, default, default) };
        return [.. _links.Select(_ => request)];
    }

    private LinkOutcome Ask(LinkRequest[][] requests, long step, string waitingFor)
    {
        _rounds.Next();
        for (var server = 0; server < _links.Length; server++)
        {
            _links[server].Begin(requests[server], step, _generation, isHeld: false);
        }

        return Wait(waitingFor);
    }

    private LinkOutcome Wait(string waitingFor)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var link in _links)
        {
            link.ReleaseAll();
        }

        var outcome = LinkOutcome.None;
        foreach (var link in _links)
        {
            outcome = outcome.And(link.Wait(waitingFor));
            if (outcome.WentBack)
            {
                // What is open of this exchange on other links is given up when the next begins.
                break;
            }
        }

        _metrics?.Waited(began);
        return outcome;
    }

    private IEnumerable<(int Server, int Request)> QuestionsOf(int parameter) =>
        from server in Enumerable.Range(0, _exchange.Length)
        from request in Enumerable.Range(0, _exchange[server].Length)
        where Layout.Slices[_exchange[server][request].Slice].Parameter == parameter
        select (server, request);

    // Later layers first: in a backward pass their gradients are ready first.
    private LinkRequest[][] Requests(Func<ParameterSlice, LinkRequest> make) =>
        [.. Enumerable.Range(0, Layout.Servers).Select(server => Layout.Slices.Reverse().Where(slice => slice.Server == server).Select(make).ToArray())];
}
