using TaaS.Kernels;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.ParameterServer;

/// <summary>A worker's sight of parameters on servers in other processes. Content goes straight between sockets and the model's memory.</summary>
public sealed class SocketParameterStore : IParameterStore
{
    private readonly ServerLink[] _links;
    private readonly LinkRequest[][] _pull;
    private readonly IReadOnlyList<View> _values;
    private readonly int _slots;
    private IReadOnlyList<View>? _gradients;
    private LinkRequest[][] _exchange = [];
    private (int Server, int Request)[][] _questionsOf = [];

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
    {
        if (addresses.Count != layout.Servers)
        {
            throw new ArgumentException($"{addresses.Count} addresses for a layout of {layout.Servers} servers");
        }

        Layout = layout;
        _values = values;
        _slots = optimizer.Slots.Count;
        _pull = Requests(slice => new LinkRequest(MessageType.Pull, slice.Index, 0, default, LinkRequest.Window(values[slice.Parameter], slice)));
        _links = [.. addresses.Select((address, server) =>
            new ServerLink($"ps-{server}", address, worker, SocketParameterServer.Signature(server, policy, optimizer), layout, options))];
    }

    /// <inheritdoc/>
    public ParameterLayout Layout { get; }

    /// <inheritdoc/>
    public void Initialize(ParameterState state)
    {
        for (var part = 0; part <= _slots; part++)
        {
            var at = part;
            Ask(Requests(slice => new LinkRequest(MessageType.Initialize, slice.Index, at, LinkRequest.Window(Whole(state, slice, at), slice), default)), state.Updates, "parameters to be initialised");
        }

        var done = new[] { new LinkRequest(MessageType.InitializeDone, -1, 0, default, default) };
        Ask([.. _links.Select(_ => done)], state.Step, "parameters to be initialised");
    }

    /// <inheritdoc/>
    public long Pull() => Ask(_pull, -1, "the chief to initialise parameters");

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

        for (var server = 0; server < _links.Length; server++)
        {
            _links[server].Begin(_exchange[server], step, isHeld: true);
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
    public void Complete() => Wait("fresh parameters after a push");

    /// <inheritdoc/>
    public void PullFinal() => Ask(_pull, ParameterShard.AfterAllOthers, "the other workers to finish");

    /// <inheritdoc/>
    public ParameterState Snapshot(long step)
    {
        var state = ParameterState.Allocate(Layout.Parameters, _slots);
        long updates = 0;
        for (var part = 0; part <= _slots; part++)
        {
            var at = part;
            updates = Ask(Requests(slice => new LinkRequest(MessageType.Pull, slice.Index, at, default, LinkRequest.Window(Whole(state, slice, at), slice))), step - 1, "parameters for a checkpoint");
        }

        return state with { Step = step, Updates = updates };
    }

    /// <inheritdoc/>
    public void Leave()
    {
        var leave = new[] { new LinkRequest(MessageType.Leave, -1, 0, default, default) };
        Ask([.. _links.Select(_ => leave)], 0, "servers to let this worker go");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var link in _links)
        {
            link.Dispose();
        }
    }

    private static View Whole(ParameterState state, ParameterSlice slice, int part)
    {
        var buffer = state.Parts[slice.Parameter][part];
        return new View(buffer, new Shape((int)buffer.Length));
    }

    private long Ask(LinkRequest[][] requests, long step, string waitingFor)
    {
        for (var server = 0; server < _links.Length; server++)
        {
            _links[server].Begin(requests[server], step, isHeld: false);
        }

        return Wait(waitingFor);
    }

    private long Wait(string waitingFor)
    {
        foreach (var link in _links)
        {
            link.ReleaseAll();
        }

        long answer = 0;
        foreach (var link in _links)
        {
            answer = Math.Max(answer, link.Wait(waitingFor));
        }

        return answer;
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
