using TaaS.Engine.Optim;
using TaaS.Kernels;

namespace TaaS.Runtime.ParameterServer;

/// <summary>
/// The parameters of one server, without any transport: takes gradients keyed (worker, step, slice) exactly once,
/// updates by the policy, and says when a slice is fresh enough to be read. Safe for many threads.
/// </summary>
/// <remarks>
/// What the modes promise. <b>sync</b>: step s is the mean of all workers' gradients of step s, summed in the order of workers,
/// applied once; the same gradients give the same bits. <b>ssp</b> and <b>async</b>: each gradient is applied once, in the order of arrival.
/// A worker that <see cref="Leave">leaves</see> is no longer waited for. A worker that is <see cref="Lose">lost</see> ends sync
/// training for all, and any training if it was the chief (worker 0); otherwise the rest goes on without it.
/// </remarks>
public sealed class ParameterShard
{
    /// <summary>Step of a read that waits until every other worker has left or was lost.</summary>
    public const long AfterAllOthers = long.MaxValue;

    private readonly Device _device;
    private readonly object _gate = new();
    private readonly int _slots;
    private readonly bool[] _gone;
    private readonly bool[] _lost;
    private SliceState?[] _slices = [];
    private HostBuffer[][] _inboxes = [];
    private byte[]? _registered;
    private LearningRateSchedule? _rate;

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
        _gone = new bool[policy.Workers];
        _lost = new bool[policy.Workers];
    }

    /// <summary>Update rule.</summary>
    public OptimizerSettings Optimizer { get; }

    /// <summary>Consistency.</summary>
    public UpdatePolicy Policy { get; }

    /// <summary>Index of this server.</summary>
    public int Server { get; }

    /// <summary>The registered model, or null before.</summary>
    public ParameterLayout? Layout { get; private set; }

    /// <summary>True once the chief has given every value.</summary>
    public bool IsInitialized { get; private set; }

    /// <summary>Step at which workers begin: 0, or where a checkpoint left off.</summary>
    public long FirstStep { get; private set; }

    /// <summary>Why training ended early, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>Workers that were lost.</summary>
    public IReadOnlyList<int> LostWorkers => Indices(_lost);

    /// <summary>True when every worker has left or was lost.</summary>
    public bool IsAbandoned => !Array.Exists(_gone, gone => !gone);

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

            _slices = [.. layout.Slices.Select(slice => slice.Server == Server ? new SliceState(slice, _device, _slots, Policy.Workers) : null)];
            _inboxes = [.. Enumerable.Range(0, Policy.Workers).Select(_ => AllocateInbox(layout))];
            Layout = layout;
            _rate = Optimizer.RateOver(layout.PlannedUpdates);
            _registered = json;
        }
    }

    /// <summary>Memory of a part of a slice, to be filled before <see cref="CompleteInitialization"/>.</summary>
    /// <param name="slice">Slice of this server.</param>
    /// <param name="part">0 for values, 1 and up for optimizer slots.</param>
    /// <param name="updates">Updates made before, by which Adam corrects its bias.</param>
    /// <exception cref="TrainingException">No such slice or part here, or training has begun.</exception>
    public Span<byte> BeginInitialize(int slice, int part, long updates)
    {
        if (IsInitialized)
        {
            throw new TrainingException($"server {Server} is already initialised; a chief that comes back must pull instead");
        }

        var state = Find(slice, part);
        state.Updates = updates;
        return state.Parts[part].Bytes;
    }

    /// <summary>Ends initialisation and releases those who wait to pull.</summary>
    /// <param name="firstStep">Step at which workers begin.</param>
    public void CompleteInitialization(long firstStep)
    {
        lock (_gate)
        {
            foreach (var state in _slices)
            {
                if (state is not null)
                {
                    state.Step = firstStep;
                    Array.Fill(state.LastPush, firstStep - 1);
                }
            }

            FirstStep = firstStep;
            IsInitialized = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Prepares to take a gradient.</summary>
    /// <param name="worker">Who pushes.</param>
    /// <param name="step">Its step.</param>
    /// <param name="slice">Slice of this server.</param>
    /// <param name="inbox">Memory to put the gradient into; empty if it came before.</param>
    /// <returns>False if this push was taken before and must be dropped.</returns>
    /// <exception cref="TrainingException">No such slice here, not initialised, or a step was skipped.</exception>
    public bool TryBeginPush(int worker, long step, int slice, out Span<byte> inbox)
    {
        var state = Find(slice, 0);
        inbox = default;
        if (!IsInitialized)
        {
            throw new TrainingException($"worker {worker} pushed step {step} before the chief initialised server {Server}; pull first");
        }

        var last = state.LastPush[worker];
        if (step <= last)
        {
            return false;
        }

        if (Policy.IsSync && step != state.Step)
        {
            throw new TrainingException($"worker {worker} pushed step {step} of {Layout!.Describe(slice)} while step {state.Step} is gathered; sync training takes every step in turn");
        }

        inbox = Inbox(worker, slice).Bytes[..(state.Slice.Length * sizeof(float))];
        return true;
    }

    /// <summary>Takes the gradient that <see cref="TryBeginPush"/> made room for, and updates if the policy says so.</summary>
    public void CommitPush(int worker, long step, int slice)
    {
        var state = Find(slice, 0);
        lock (state.Guard)
        {
            state.LastPush[worker] = step;
            if (Policy.IsSync)
            {
                CompleteStep(state);
            }
            else
            {
                Apply(state, new View(Inbox(worker, slice), new Shape(state.Slice.Length)));
            }
        }

        Announce();
    }

    /// <summary>Waits until a worker that pushed a step may read the slice.</summary>
    /// <param name="step">Step it pushed, -1 for a first read, or <see cref="AfterAllOthers"/>.</param>
    /// <param name="slice">Slice of this server.</param>
    /// <param name="limit">Longest wait.</param>
    /// <returns>True if it may read; false if the limit passed first.</returns>
    /// <exception cref="TrainingException">Training has failed.</exception>
    public bool WaitReady(long step, int slice, TimeSpan limit)
    {
        var deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        lock (_gate)
        {
            while (!IsReady(step, slice))
            {
                var left = deadline - Environment.TickCount64;
                if (left <= 0 || !Monitor.Wait(_gate, (int)left))
                {
                    return Failure is null && IsReady(step, slice);
                }
            }

            return true;
        }
    }

    /// <summary>Says for whom a read waits, for the message of a wait that ran out.</summary>
    public string DescribeWait(long step, int slice)
    {
        if (!IsInitialized)
        {
            return "the chief (worker 0) to initialise the parameters";
        }

        if (step == AfterAllOthers)
        {
            return $"the other workers to finish; still here: {string.Join(", ", Enumerable.Range(0, Policy.Workers).Where(worker => !_gone[worker]).Select(worker => $"worker {worker}"))}";
        }

        var state = Find(slice, 0);
        var late = Enumerable.Range(0, Policy.Workers).Where(worker => !_gone[worker] && state.LastPush[worker] < step - Math.Max(Policy.Staleness, 0));
        return $"worker {string.Join(", worker ", late)} to push step {step} of {Layout!.Describe(slice)}";
    }

    /// <summary>Content of a slice in place. In sync it does not change before the reader pushes again; otherwise use <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Peek(int slice, int part, out long updates)
    {
        var state = Find(slice, part);
        updates = state.Updates;
        return state.Parts[part].Bytes;
    }

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

    /// <summary>Bytes of a part of a slice.</summary>
    internal int BytesOf(int slice, int part) => Find(slice, part).Parts[part].Bytes.Length;

    /// <summary>Makes memory for the largest slice here.</summary>
    internal HostBuffer AllocateStaging()
    {
        var largest = 0;
        foreach (var state in _slices)
        {
            largest = Math.Max(largest, state?.Slice.Length ?? 0);
        }

        return SliceState.Allocate(_device, largest);
    }

    /// <summary>A worker has finished: nobody waits for it any more.</summary>
    public void Leave(int worker) => Go(worker, lost: false, "");

    /// <summary>A worker was lost.</summary>
    /// <param name="worker">Who.</param>
    /// <param name="why">How it was noticed, for the message.</param>
    public void Lose(int worker, string why) => Go(worker, lost: true, why);

    /// <summary>True if the worker has left or was lost.</summary>
    public bool IsGone(int worker) => _gone[worker];

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
            if (_gone[worker])
            {
                return;
            }

            _gone[worker] = true;
            _lost[worker] = lost;
            if (lost && (Policy.IsSync || worker == 0))
            {
                Failure ??= worker == 0
                    ? $"worker 0, the chief, was lost ({why}); training cannot go on without it"
                    : $"worker {worker} was lost ({why}); sync training needs every worker";
            }
        }

        if (Policy.IsSync && Failure is null)
        {
            foreach (var state in _slices)
            {
                if (state is not null)
                {
                    lock (state.Guard)
                    {
                        CompleteStep(state);
                    }
                }
            }
        }

        Announce();
    }

    private int CountPresent()
    {
        var present = 0;
        foreach (var gone in _gone)
        {
            present += gone ? 0 : 1;
        }

        return present;
    }

    private bool IsReady(long step, int slice)
    {
        if (Failure is not null)
        {
            throw new TrainingException(Failure);
        }

        if (!IsInitialized)
        {
            return false;
        }

        if (step == AfterAllOthers)
        {
            return CountPresent() <= 1;
        }

        var state = Find(slice, 0);
        if (Policy.IsSync)
        {
            return state.Step > step;
        }

        for (var worker = 0; Policy.Staleness > 0 && worker < _gone.Length; worker++)
        {
            if (!_gone[worker] && state.LastPush[worker] < step - Policy.Staleness)
            {
                return false;
            }
        }

        return true;
    }

    // Sync: once nobody is missing for the step being gathered, sums in the order of workers and updates once.
    private void CompleteStep(SliceState state)
    {
        var contributors = 0;
        for (var worker = 0; worker < _gone.Length; worker++)
        {
            if (state.LastPush[worker] >= state.Step)
            {
                contributors++;
            }
            else if (!_gone[worker])
            {
                return;
            }
        }

        if (contributors == 0)
        {
            return;
        }

        View? sum = null;
        for (var worker = 0; worker < _gone.Length; worker++)
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

    private static List<int> Indices(bool[] flags)
    {
        var found = new List<int>();
        for (var index = 0; index < flags.Length; index++)
        {
            if (flags[index])
            {
                found.Add(index);
            }
        }

        return found;
    }
}
