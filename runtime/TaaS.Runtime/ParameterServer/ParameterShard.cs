using System.Diagnostics;
using TaaS.Engine.Optim;
using TaaS.Kernels;
using TaaS.Runtime.Observability;

namespace TaaS.Runtime.ParameterServer;

/// <summary>
/// The parameters of one server, without any transport: takes gradients keyed (generation, worker, step, slice) exactly once,
/// updates by the policy, and says when a slice is fresh enough to be read. Safe for many threads.
/// </summary>
/// <remarks>
/// What the modes promise stands in <c>CONSISTENCY.md</c>. A <b>generation</b> is one stretch of training from where the chief gave every value:
/// a shard that was never initialised, or is being initialised anew, answers everyone else that training went back.
/// </remarks>
public sealed class ParameterShard
{
    private readonly Device _device;
    private readonly object _gate = new();
    private readonly int _slots;
    private readonly Membership _members;
    private SliceState?[] _slices = [];
    private HostBuffer[][] _inboxes = [];
    private int _waiting;
    private byte[]? _registered;
    private LearningRateSchedule? _rate;
    private uint _coming;

    /// <summary>Makes an empty shard.</summary>
    /// <param name="device">Device with host memory that computes updates.</param>
    /// <param name="optimizer">Update rule.</param>
    /// <param name="policy">Consistency.</param>
    /// <param name="server">Index of this server.</param>
    public ParameterShard(Device device, OptimizerSettings optimizer, UpdatePolicy policy, int server)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(policy.Workers, 1);
        _device = device;
        Optimizer = optimizer;
        Policy = policy;
        Server = server;
        _slots = optimizer.Slots.Count;
        _members = new Membership(policy);
    }

    /// <summary>Update rule.</summary>
    public OptimizerSettings Optimizer { get; }

    /// <summary>Consistency.</summary>
    public UpdatePolicy Policy { get; }

    /// <summary>Index of this server.</summary>
    public int Server { get; }

    /// <summary>Where what happens is counted, or null.</summary>
    internal ServerMetrics? Metrics { get; init; }

    /// <summary>The registered model, or null before.</summary>
    public ParameterLayout? Layout { get; private set; }

    /// <summary>True once the chief has given every value.</summary>
    public bool IsInitialized { get; private set; }

    /// <summary>The stretch of training that goes on; 0 before the first.</summary>
    public uint Generation { get; private set; }

    /// <summary>Why training ended early, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>Workers that were lost.</summary>
    public IReadOnlyList<int> LostWorkers => [.. Enumerable.Range(0, _members.Capacity).Where(_members.IsLost)];

    /// <summary>True when every worker has left or was lost.</summary>
    public bool IsAbandoned => _members.IsEmpty;

    /// <summary>Takes the model's parameters; the first call makes memory, later ones must bring the same model.</summary>
    /// <exception cref="TrainingException">Another model than registered before.</exception>
    public void Register(ParameterLayout layout)
    {
        var json = layout.ToJson();
        lock (_gate)
        {
            if (_registered is not null)
            {
                if (!_registered.AsSpan().SequenceEqual(json))
                {
                    throw new TrainingException($"a worker brings another model ({layout.Parameters.Count} parameters in {layout.Slices.Count} slices) than was registered first ({Layout!.Parameters.Count} parameters in {Layout.Slices.Count} slices); start every worker with the same program");
                }

                return;
            }

            _slices = [.. layout.Slices.Select(slice => slice.Server == Server ? new SliceState(slice, _device, _slots, _members.Capacity) : null)];
            _inboxes = [.. Enumerable.Range(0, _members.Capacity).Select(worker => worker < Policy.Workers ? AllocateInbox(layout) : [])];
            Layout = layout;
            _rate = Optimizer.RateOver(layout.PlannedUpdates);
            _registered = json;
            Metrics?.Registered(_slices.Length);
        }
    }

    /// <summary>Memory of a part of a slice, to be filled before <see cref="CompleteInitialization"/>. The first of a generation ends the one before.</summary>
    /// <param name="generation">New generation, not 0.</param>
    /// <param name="slice">Slice of this server.</param>
    /// <param name="part">0 for values, 1 and up for optimizer slots.</param>
    /// <param name="updates">Updates made before, by which Adam corrects its bias.</param>
    /// <param name="memory">Where the content goes.</param>
    /// <returns>False if this generation has begun already: the content was taken before.</returns>
    /// <exception cref="TrainingException">No such slice or part here.</exception>
    public bool TryBeginInitialize(uint generation, int slice, int part, long updates, out Span<byte> memory)
    {
        var state = Find(slice, part);
        memory = default;
        if (IsInitialized && generation == Generation)
        {
            return false;
        }

        if (generation != _coming)
        {
            Stop();
            _coming = generation;
        }

        state.Updates = updates;
        state.IsGiven[part] = true;
        memory = state.Parts[part].Bytes;
        return true;
    }

    /// <summary>Ends initialisation and releases those who wait to pull.</summary>
    /// <param name="generation">Generation that begins.</param>
    /// <param name="firstStep">Step at which workers begin.</param>
    /// <returns>False if a part is missing, because this server lost its memory meanwhile.</returns>
    public bool CompleteInitialization(uint generation, long firstStep)
    {
        if (IsInitialized && generation == Generation)
        {
            return true;
        }

        if (generation != _coming || _registered is null || Array.Exists(_slices, state => state is not null && Array.Exists(state.IsGiven, given => !given)))
        {
            return false;
        }

        lock (_gate)
        {
            foreach (var state in _slices)
            {
                state?.Restart(firstStep);
            }

            _members.Restart();
            Generation = generation;
            IsInitialized = true;
            Metrics?.Initialized();
            Monitor.PulseAll(_gate);
        }

        return true;
    }

    /// <summary>Ends a generation that cannot go on exactly; the chief will begin another from the last checkpoint.</summary>
    public void Abandon(uint generation)
    {
        if (generation == Generation && IsInitialized)
        {
            Stop();
        }
    }

    /// <summary>Prepares to take a gradient.</summary>
    /// <param name="generation">Generation of the worker.</param>
    /// <param name="worker">Who pushes.</param>
    /// <param name="step">Its step.</param>
    /// <param name="slice">Slice of this server.</param>
    /// <param name="inbox">Memory to put the gradient into; empty if it is not wanted.</param>
    /// <returns>False if this push must be dropped: it was taken before, came too late, or belongs to a generation that is over.</returns>
    /// <exception cref="TrainingException">No such slice here, or a step was skipped.</exception>
    public bool TryBeginPush(uint generation, int worker, long step, int slice, out Span<byte> inbox)
    {
        var state = Find(slice, 0);
        inbox = default;
        if (!IsInitialized || generation != Generation || step <= state.LastPush[worker] || (Policy.IsSync && step < state.Step))
        {
            return false;
        }

        if (Policy.IsSync && step != state.Step)
        {
            throw new TrainingException($"worker {worker} pushed step {step} of {Layout!.Describe(slice)} while step {state.Step} is gathered; sync training takes every step in turn");
        }

        if (_inboxes[worker].Length == 0)
        {
            throw new TrainingException($"worker {worker} pushed {Layout!.Describe(slice)} before it joined; only workers 0 to {Policy.Workers - 1} are there from the beginning");
        }

        inbox = Inbox(worker, slice).Bytes[..(state.Slice.Length * sizeof(float))];
        return true;
    }

    /// <summary>Takes the gradient that <see cref="TryBeginPush"/> made room for, and updates if the policy says so.</summary>
    public void CommitPush(uint generation, int worker, long step, int slice)
    {
        var state = Find(slice, 0);
        bool letsOthersGoOn;
        lock (state.Guard)
        {
            // While the gradient came in, the step may have gone on without it, or training may have gone back.
            if (!IsInitialized || generation != Generation || (Policy.IsSync && step < state.Step))
            {
                return;
            }

            state.LastPush[worker] = step;
            Metrics?.Pushed(worker, step, slice, state.Updates);
            if (Policy.IsSync)
            {
                var gathered = state.Step;
                CompleteStep(state);
                letsOthersGoOn = state.Step > gathered;
            }
            else
            {
                var began = Stopwatch.GetTimestamp();
                Apply(state, new View(Inbox(worker, slice), new Shape(state.Slice.Length)));
                Metrics?.Updated(gradients: 1, began);
                letsOthersGoOn = Policy.Staleness > 0;
            }
        }

        // Waking everyone for each gradient would take the processors from the gradients that still come in.
        if (letsOthersGoOn)
        {
            lock (_gate)
            {
                if (_waiting > 0)
                {
                    Monitor.PulseAll(_gate);
                }
            }
        }
    }

    /// <summary>A worker that was not there from the beginning, or was lost, is waited for from a step on.</summary>
    /// <param name="generation">Generation of the worker.</param>
    /// <param name="worker">Who.</param>
    /// <param name="step">Its first step.</param>
    /// <returns>The step, or a later one to ask for again because this server is beyond it; null if training went back.</returns>
    public long? Join(uint generation, int worker, long step)
    {
        lock (_gate)
        {
            if (!IsInitialized || generation != Generation)
            {
                return null;
            }

            if (_inboxes[worker].Length == 0)
            {
                _inboxes[worker] = AllocateInbox(Layout!);
            }

            // A member first, so that no slice completes this step without it from here on.
            _members.Join(worker, step);
            var furthest = step;
            foreach (var state in _slices)
            {
                if (state is not null)
                {
                    lock (state.Guard)
                    {
                        furthest = Policy.IsSync ? Math.Max(furthest, state.Step) : furthest;
                        state.LastPush[worker] = Math.Max(state.LastPush[worker], step - 1);
                    }
                }
            }

            if (furthest > step)
            {
                step = furthest + 1;
                _members.Join(worker, step);
            }
        }

        // Asked before for an earlier step, it was waited for there.
        CompleteSteps();
        return step;
    }

    /// <summary>Where a worker goes on with a slice: after its last push, or where the others are.</summary>
    public long NextStep(int worker, int slice)
    {
        var state = Find(slice, 0);
        if (Policy.IsSync)
        {
            return state.Step;
        }

        // A newcomer falls in with the furthest.
        return _members.IsPresent(worker) ? state.LastPush[worker] + 1 : state.LastPush.Max() + 1;
    }

    /// <summary>True if a worker's gradients are waited for; otherwise it must <see cref="Join"/>.</summary>
    public bool IsMember(int worker) => _members.IsPresent(worker);

    /// <summary>Waits until a question can be answered.</summary>
    /// <param name="condition">What must hold.</param>
    /// <param name="limit">Longest wait.</param>
    /// <exception cref="TrainingException">Training has failed.</exception>
    public ReadStatus Wait(in ReadCondition condition, TimeSpan limit)
    {
        var deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        lock (_gate)
        {
            while (true)
            {
                var status = Status(condition);
                var left = deadline - Environment.TickCount64;
                if (status != ReadStatus.Waiting || left <= 0)
                {
                    return status;
                }

                _waiting++;
                Monitor.Wait(_gate, (int)left);
                _waiting--;
            }
        }
    }

    /// <summary>Says for whom a read waits, for the message of a wait that ran out.</summary>
    public string DescribeWait(in ReadCondition condition)
    {
        if (!IsInitialized || condition.Kind == ReadKind.Anew)
        {
            return "the chief (worker 0) to initialise the parameters";
        }

        var step = condition.Step;
        switch (condition.Kind)
        {
            case ReadKind.AfterChief:
                return "the chief (worker 0) to finish";
            case ReadKind.AfterAllOthers:
                return $"the other workers to finish; still here: {Names(_members.IsPresent)}";
            default:
                var state = Find(condition.Slice, 0);
                return $"{Names(worker => _members.IsExpected(worker, step) && state.LastPush[worker] < step - Math.Max(Policy.Staleness, 0))} to push step {step} of {Layout!.Describe(condition.Slice)}";
        }
    }

    /// <summary>Content of a slice in place. In sync it does not change before the reader pushes again; otherwise use <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Peek(int slice, int part) => Find(slice, part).Parts[part].Bytes;

    /// <summary>Copies a slice as one update left it.</summary>
    /// <returns>Updates it has seen.</returns>
    public long Read(int slice, int part, Span<byte> into)
    {
        var state = Find(slice, part);
        lock (state.Guard)
        {
            state.Parts[part].Bytes.CopyTo(into);
            return state.Updates;
        }
    }

    /// <summary>Updates a slice has seen.</summary>
    public long UpdatesOf(int slice) => Find(slice, 0).Updates;

    /// <summary>Bytes of a part of a slice.</summary>
    internal int BytesOf(int slice, int part) => Find(slice, part).Parts[part].Bytes.Length;

    /// <summary>Makes memory for the largest slice here.</summary>
    internal HostBuffer AllocateStaging() => SliceState.Allocate(_device, _slices.Max(state => state?.Slice.Length ?? 0));

    /// <summary>A worker has made all its steps. The chief's end releases everyone.</summary>
    public void Finish(uint generation, int worker)
    {
        lock (_gate)
        {
            if (generation == Generation && IsInitialized)
            {
                _members.Finish(worker);
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>A worker leaves: nobody waits for it any more.</summary>
    public void Leave(int worker) => Go(worker, lost: false, "");

    /// <summary>A worker was lost.</summary>
    /// <param name="worker">Who.</param>
    /// <param name="why">How it was noticed, for the message.</param>
    public void Lose(int worker, string why) => Go(worker, lost: true, why);

    /// <summary>True if the worker has left or was lost.</summary>
    public bool IsGone(int worker) => _members.IsGone(worker);

    /// <summary>True if the worker was lost.</summary>
    public bool IsLost(int worker) => _members.IsLost(worker);

    /// <summary>Ends training for everyone.</summary>
    public void Fail(string reason)
    {
        lock (_gate)
        {
            Failure ??= reason;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until all workers are gone or training failed.</summary>
    /// <returns>False if the limit passed first.</returns>
    public bool WaitEnd(TimeSpan limit)
    {
        lock (_gate)
        {
            return IsAbandoned || Failure is not null || (Monitor.Wait(_gate, limit) && (IsAbandoned || Failure is not null));
        }
    }

    private void Go(int worker, bool lost, string why)
    {
        lock (_gate)
        {
            if (_members.IsGone(worker))
            {
                return;
            }

            _members.Go(worker, lost);
            // After the chief has finished nobody is needed.
            if (lost && (worker == 0 || (_members.IsPresent(0) && _members.Present < Policy.MinWorkers)))
            {
                Failure ??= worker == 0
                    ? $"worker 0, the chief, was lost ({why}); training cannot go on without it"
                    : $"worker {worker} was lost ({why}); {Policy.Mode} training needs {(Policy.MinWorkers == Policy.Workers ? "every worker" : $"at least {Policy.MinWorkers} workers")}";
            }
        }

        Metrics?.Gone(worker);
        CompleteSteps();
    }

    // Those who are waited for have changed.
    private void CompleteSteps()
    {
        foreach (var state in _slices)
        {
            if (state is not null && Policy.IsSync)
            {
                lock (state.Guard)
                {
                    if (IsInitialized && Failure is null)
                    {
                        CompleteStep(state);
                    }
                }
            }
        }

        Announce();
    }

    private void Stop()
    {
        lock (_gate)
        {
            IsInitialized = false;
            Metrics?.WaitsForChief();
            Monitor.PulseAll(_gate);
        }

        foreach (var state in _slices)
        {
            if (state is not null)
            {
                // An update in progress ends first; none begins after.
                lock (state.Guard)
                {
                    Array.Clear(state.IsGiven);
                }
            }
        }

        _coming = 0;
    }

    private ReadStatus Status(in ReadCondition condition)
    {
        if (Failure is not null)
        {
            throw new TrainingException(Failure);
        }

        if (condition.Kind == ReadKind.Anew)
        {
            return IsInitialized && condition.Generation != Generation ? ReadStatus.Ready : ReadStatus.Waiting;
        }

        if (!IsInitialized || condition.Generation != Generation)
        {
            return ReadStatus.WentBack;
        }

        return Holds(condition) ? ReadStatus.Ready : ReadStatus.Waiting;
    }

    private bool Holds(in ReadCondition condition)
    {
        switch (condition.Kind)
        {
            case ReadKind.InGeneration:
                return true;
            case ReadKind.AfterAllOthers:
                return _members.OthersAreDone(condition.Worker);
            case ReadKind.AfterChief:
                return !_members.IsPresent(0);
            case ReadKind.AtStep:
                return HasStep(Find(condition.Slice, 0), condition.Step - 1);
            default:
                return HasStep(Find(condition.Slice, 0), condition.Step);
        }
    }

    // Enough gradients are in for a worker that has made a step to go on.
    private bool HasStep(SliceState state, long step)
    {
        if (Policy.IsSync)
        {
            return state.Step > step;
        }

        for (var worker = 0; Policy.Staleness > 0 && worker < _members.Capacity; worker++)
        {
            var least = step - Policy.Staleness;
            if (_members.IsExpected(worker, least) && state.LastPush[worker] < least)
            {
                return false;
            }
        }

        return true;
    }

    // Sync: once few enough are missing for the step being gathered, sums in the order of workers and updates once.
    private void CompleteStep(SliceState state)
    {
        var (contributors, missing) = (0, 0);
        for (var worker = 0; worker < _members.Capacity; worker++)
        {
            if (state.LastPush[worker] >= state.Step)
            {
                contributors++;
            }
            else if (_members.IsExpected(worker, state.Step))
            {
                // What the chief saves must hold its own gradients, so a step never goes on without it.
                missing += worker == 0 ? Policy.BackupWorkers + 1 : 1;
            }
        }

        if (contributors == 0 || missing > Policy.BackupWorkers)
        {
            return;
        }

        var began = Stopwatch.GetTimestamp();
        View? sum = null;
        for (var worker = 0; worker < _members.Capacity; worker++)
        {
            if (state.LastPush[worker] < state.Step)
            {
                continue;
            }

            var gradient = new View(Inbox(worker, state.Slice.Index), new Shape(state.Slice.Length));
            if (sum is { } first)
            {
                _device.Elementwise.Axpy(1, gradient, first);
            }
            else
            {
                sum = gradient;
            }
        }

        if (contributors > 1)
        {
            _device.Elementwise.BinaryScalar(BinaryOp.Multiply, sum!.Value, 1f / contributors, sum.Value);
        }

        Apply(state, sum!.Value);
        state.Step++;
        Metrics?.Updated(contributors, began);
    }

    private void Apply(SliceState state, View gradient)
    {
        Optimizer.Apply(state.Value, gradient, state.SlotViews, state.Updates + 1, _rate!.At(state.Updates));
        state.Updates++;
    }

    private void Announce()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private HostBuffer[] AllocateInbox(ParameterLayout layout)
    {
        var mine = layout.Slices.Where(slice => slice.Server == Server).ToArray();
        if (Policy.IsSync)
        {
            // Kept until the whole step is there.
            return [.. layout.Slices.Select(slice => slice.Server == Server ? SliceState.Allocate(_device, slice.Length) : null!)];
        }

        // Applied on arrival, so one slice at a time.
        return [SliceState.Allocate(_device, mine.Length == 0 ? 0 : mine.Max(slice => slice.Length))];
    }

    private HostBuffer Inbox(int worker, int slice) => _inboxes[worker][Policy.IsSync ? slice : 0];

    private SliceState Find(int slice, int part)
    {
        if ((uint)slice >= (uint)_slices.Length || _slices[slice] is not { } state)
        {
            throw new TrainingException($"server {Server} does not own slice {slice} of {_slices.Length}; both sides must run the same release and the same model");
        }

        return (uint)part < (uint)state.Parts.Length
            ? state
            : throw new TrainingException($"slice {slice} has parts 0 to {state.Parts.Length - 1}, not {part}; both sides must run the same optimizer");
    }

    private string Names(Func<int, bool> which) =>
        string.Join(", ", Enumerable.Range(0, _members.Capacity).Where(which).Select(worker => $"worker {worker}"));
}
