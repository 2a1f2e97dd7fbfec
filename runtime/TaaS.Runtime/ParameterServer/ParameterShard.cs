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
public sealed partial class ParameterShard
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
}
