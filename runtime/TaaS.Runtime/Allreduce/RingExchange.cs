using TaaS.Engine.Optim;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Allreduce;

/// <summary>
/// The steps of a ring: sums of gradients go round until the owner of each chunk has all of them and updates its values
/// (reduce-scatter), and those values go round until everyone has them (all-gather). Each worker passes on what it has at once,
/// bucket by bucket.
/// </summary>
/// <remarks>
/// The sum of chunk c begins at worker c + 1 and ends at worker c, so it is the same sum in every run, and everyone gets it from one owner.
/// A worker that has left still passes sums on, without a gradient of its own, until all have left: workers that are told to stop
/// stop at different steps. Source: Patarasuk and Yuan 2009 (the ring); Rajbhandari et al. 2020, ZeRO-1 (optimizer state by owner).
/// </remarks>
internal sealed partial class RingExchange : IRingTraffic, IDisposable
{
    private readonly RingPlace _place;
    private readonly RingLayout _layout;
    private readonly RingMemory _memory;
    private readonly OptimizerSettings _optimizer;
    private readonly LearningRateSchedule _rate;
    private readonly RingLink _link;
    private readonly RingStateTransfer _states;
    private readonly TimeSpan _limit;
    private readonly Func<int, bool> _isBucketDone;
    private readonly Func<int, string> _describeBucket;

    // For each chunk: the last step of which a sum came, that was passed on, and of which values came.
    private readonly long[] _arrived;
    private readonly long[] _reduced;
    private readonly long[] _fresh;
    private readonly int[] _gradients;

    // For each bucket: the last step that this worker takes part in, and chunks that lack values of this step.
    private readonly long[] _released;
    private readonly int[] _open;
    private readonly bool[] _gone;

    private long _step;
    private int _goneCount;
    private bool _hasBegun;
    private bool _isPassive;

    /// <summary>Opens the lines of a worker.</summary>
    /// <exception cref="TransportException">The address of this worker is taken or not of this machine.</exception>
    public RingExchange(RingPlace place, RingLayout layout, RingMemory memory, OptimizerSettings optimizer, LearningRateSchedule rate, string job, TransportOptions options, string? after)
    {
        (_place, _layout, _memory, _optimizer, _rate, _limit) = (place, layout, memory, optimizer, rate, options.Barrier);
        var (buckets, chunks) = (layout.Buckets.Length, layout.Buckets.Length * place.Workers);
        (_arrived, _reduced, _fresh, _gradients) = (new long[chunks], new long[chunks], new long[chunks], new int[chunks]);
        (_released, _open, _gone) = (new long[buckets], new int[buckets], new bool[place.Workers]);
        _isBucketDone = bucket => _open[bucket] == 0;
        _describeBucket = bucket => $"{place.Name(Late(bucket))} in step {_step}";
        // At most three rounds of a bucket's chunks are under way, beside states and farewells.
        _link = new RingLink(place, job, this, 6 * chunks + (4 + optimizer.Slots.Count) * buckets + place.Workers + 64, layout.MaxChunkBytes, options, after);
        _states = new RingStateTransfer(place, layout, memory, optimizer.Slots.Count, _link);
        _link.Open();
    }

    /// <summary>Step at which training began.</summary>
    public long FirstStep => _states.FirstStep;

    /// <summary>Updates made so far.</summary>
    public long Updates => UpdatesBefore(_step);

    /// <summary>The chief gives every value to all, and each owner its slots.</summary>
    public void Initialize(ParameterState state)
    {
        _states.Give(state, AwaitPassedOn);
        Begin(state.Step);
        _states.GiveEnd();
    }

    /// <summary>Waits until the chief's values are here.</summary>
    public void AwaitBegin() => Await(_ => _hasBegun, 0, _ => $"{_place.Name(0)}, the chief, to initialise parameters");

    /// <summary>Gathers all values and slots at the chief.</summary>
    public ParameterState Gather(ParameterState into)
    {
        _states.Ask(into);
        Await(_ => _states.AwaitedOwner < 0, 0, _ => $"the optimizer state of {_place.Name(_states.AwaitedOwner)}");
        return into;
    }

    /// <summary>Begins a step.</summary>
    /// <exception cref="TrainingException">Another step's turn, or parameters were not pulled.</exception>
    public void RequireStep(long step)
    {
        if (!_hasBegun || step != _step)
        {
            throw new TrainingException($"worker {_place.Worker} begins step {step} while the ring is at step {_step}; a ring takes every step in turn");
        }
    }

    /// <summary>This worker's gradients of a bucket are all there.</summary>
    public void Release(int bucket)
    {
        lock (_link.Gate)
        {
            TakePart(bucket);
        }
    }

    /// <summary>Waits until all fresh values of a bucket are here.</summary>
    public void AwaitBucket(int bucket) => Await(_isBucketDone, bucket, _describeBucket);

    /// <summary>Ends a step of which every bucket was awaited.</summary>
    public void Advance()
    {
        lock (_link.Gate)
        {
            NextStep();
        }
    }

    /// <summary>Gives no more gradients, tells the others, and helps them until all have left.</summary>
    public void Leave()
    {
        lock (_link.Gate)
        {
            if (_isPassive)
            {
                return;
            }

            _isPassive = true;
            TakePartWhereAsked();
        }

        // The chief goes last: nobody has left for good as long as training may have to go back.
        if (_place.Worker == 0)
        {
            AwaitGone(_place.Workers - 1);
        }

        lock (_link.Gate)
        {
            Go(_place.Worker);
        }

        AwaitGone(_place.Workers);
    }

    /// <inheritdoc/>
    public void Dispose() => _link.Dispose();

    // Adds this worker's gradient to a sum. The owner is the last to add: it has the sum of all, and updates.
    private void Reduce(int bucket, int chunk, long step)
    {
        var at = bucket * _place.Workers + chunk;
        var gradients = chunk == _place.Previous ? 0 : _gradients[at];
        if (!_isPassive)
        {
            _memory.Add(bucket, chunk, isFirst: gradients == 0);
            gradients++;
        }

        if (chunk != _place.Worker)
        {
            lock (_link.Gate)
            {
                _reduced[at] = step;
                _link.Post(new RingItem(MessageType.RingSum, bucket, chunk, step) { Worker = _place.Worker, Part = gradients });
            }

            return;
        }

        if (gradients > 0)
        {
            var updates = UpdatesBefore(step);
            _memory.Update(bucket, gradients, _optimizer.Rule(updates + 1, _rate.At(updates)));
        }

        lock (_link.Gate)
        {
            _reduced[at] = step;
            if (_place.Workers > 1)
            {
                _link.Post(new RingItem(MessageType.RingValues, bucket, chunk, step) { Worker = chunk });
            }

            Close(bucket);
        }
    }

    // The gate is held in all that follows.
    private void TakePart(int bucket)
    {
        _released[bucket] = _step;
        _link.Post(Unfinished(bucket, _place.Previous));
        for (var chunk = 0; chunk < _place.Workers; chunk++)
        {
            var at = bucket * _place.Workers + chunk;
            if (_arrived[at] == _step && _reduced[at] < _step)
            {
                _link.Post(Unfinished(bucket, chunk));
            }
        }
    }

    private RingItem Unfinished(int bucket, int chunk) => new(MessageType.RingSum, bucket, chunk, _step) { IsUnfinished = true };

    // A worker that has left takes part in what the others have begun, so that they need not know.
    private void TakePartWhereAsked()
    {
        for (var bucket = 0; bucket < _released.Length; bucket++)
        {
            if (_released[bucket] < _step && Array.IndexOf(_arrived, _step, bucket * _place.Workers, _place.Workers) >= 0)
            {
                TakePart(bucket);
            }
        }
    }

    private void Close(int bucket)
    {
        if (--_open[bucket] == 0)
        {
            Monitor.PulseAll(_link.Gate);
            if (_isPassive && !Array.Exists(_open, static open => open > 0))
            {
                NextStep();
                TakePartWhereAsked();
            }
        }
    }

    private void NextStep()
    {
        _step++;
        Array.Fill(_open, _place.Workers);
    }

    private void Go(int worker)
    {
        _gone[worker] = true;
        _goneCount++;
        if (_place.Next != worker)
        {
            _link.Post(new RingItem(MessageType.RingLeave, -1, 0, _step) { Worker = worker });
        }

        if (_goneCount == _place.Workers)
        {
            _link.End();
        }

        Monitor.PulseAll(_link.Gate);
    }

    // The nearest worker before this one that has not taken part, seen by the sums that did not come; or the owner whose values are late.
    private int Late(int bucket)
    {
        for (var places = 1; places < _place.Workers; places++)
        {
            var worker = _place.Before(places);
            if (_arrived[bucket * _place.Workers + _place.Before(places + 1)] < _step)
            {
                return worker;
            }
        }

        for (var places = 1; places < _place.Workers; places++)
        {
            var owner = _place.Before(places);
            if (_fresh[bucket * _place.Workers + owner] < _step)
            {
                return owner;
            }
        }

        return _place.Worker;
    }

    private void Begin(long step)
    {
        lock (_link.Gate)
        {
            _step = step - 1;
            foreach (var steps in new[] { _arrived, _reduced, _fresh, _released })
            {
                Array.Fill(steps, _step);
            }

            NextStep();
            _hasBegun = true;
            Monitor.PulseAll(_link.Gate);
        }
    }

    private long UpdatesBefore(long step) => _states.FirstUpdates + step - _states.FirstStep;

    private void AwaitGone(int workers) => Await(
        gone => _goneCount >= gone,
        workers,
        _ => $"{string.Join(", ", Enumerable.Range(0, _place.Workers).Where(worker => worker != _place.Worker && !_gone[worker]).Select(_place.Name))} to finish");

    private void AwaitPassedOn() => Await(_ => _states.TryReserve(), 0, _ => $"{_place.Name(_place.Next)} to take parameters");

    private void Await(Func<int, bool> isReached, int at, Func<int, string> waitingFor)
    {
        var deadline = Environment.TickCount64 + (long)_limit.TotalMilliseconds;
        try
        {
            lock (_link.Gate)
            {
                _link.ThrowIfFailed();
                while (!isReached(at))
                {
                    if (!_link.WaitForChange(deadline))
                    {
                        throw new TrainingException($"worker {_place.Worker} waited {_limit.TotalSeconds:0.#} s for {waitingFor(at)}");
                    }
                }
            }
        }
        catch (TrainingException error)
        {
            // The others hear the same reason.
            _link.Fail(error);
            throw;
        }
    }
}
