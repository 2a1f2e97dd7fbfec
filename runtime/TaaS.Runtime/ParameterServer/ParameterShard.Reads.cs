using TaaS.Kernels;

namespace TaaS.Runtime.ParameterServer;

/// <content>When a slice is fresh enough to be read, and what is read then.</content>
public sealed partial class ParameterShard
{
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

    private string Names(Func<int, bool> which) =>
        string.Join(", ", Enumerable.Range(0, _members.Capacity).Where(which).Select(worker => $"worker {worker}"));
}
