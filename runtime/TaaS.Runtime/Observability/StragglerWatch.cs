namespace TaaS.Runtime.Observability;

/// <summary>
/// Finds workers that are much slower than the others. A worker's step time runs from the last answer it got to the last gradient that it then
/// pushed, so that waits for other workers do not count; one that pushes nothing takes the time since that answer.
/// </summary>
/// <remarks>
/// A worker is a straggler once its step time has been more than <see cref="Multiple"/> times the median of the other workers', and more than
/// <see cref="LeastExcess"/> above it, for <see cref="Sustained"/> without a break. It is none any more after as long on the other side.
/// </remarks>
internal sealed class StragglerWatch
{
    /// <summary>How many times the others' median is too slow.</summary>
    public const double Multiple = 2;

    // Weight of the newest step in the average; about the last eight steps count.
    private const double Newest = 0.25;

    /// <summary>Slower by less is nothing that a user would see.</summary>
    public static readonly TimeSpan LeastExcess = TimeSpan.FromMilliseconds(5);

    /// <summary>How long it must last.</summary>
    public static readonly TimeSpan Sustained = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Pace[] _paces;
    private readonly double[] _others;

    /// <summary>Watches workers.</summary>
    public StragglerWatch(int workers, TimeProvider time)
    {
        _time = time;
        _paces = new Pace[workers];
        _others = new double[workers];
        Array.Fill(_paces, new Pace { Step = -1 });
    }

    /// <summary>A worker pushed a gradient.</summary>
    public void Pushed(int worker, long step)
    {
        var now = _time.GetTimestamp();
        lock (_lock)
        {
            ref var pace = ref _paces[worker];
            if (step != pace.Step)
            {
                // All gradients of the step before are in, and so is its answer.
                CloseStep(ref pace);
                pace.Step = step;
                pace.StepBegan = pace.AnsweredAt;
            }

            pace.PushedAt = now;
            (pace.IsPaused, pace.IsGone) = (false, false);
        }
    }

    /// <summary>A worker got fresh parameters.</summary>
    public void Answered(int worker)
    {
        lock (_lock)
        {
            // The answer to a read that is no step says nothing of the pace.
            _paces[worker].AnsweredAt = _paces[worker].IsPaused ? 0 : _time.GetTimestamp();
        }
    }

    /// <summary>Until its next push a worker does something else than a step.</summary>
    public void Paused(int worker)
    {
        lock (_lock)
        {
            ref var pace = ref _paces[worker];
            CloseStep(ref pace);
            (pace.IsPaused, pace.AnsweredAt, pace.StepBegan) = (true, 0, 0);
        }
    }

    /// <summary>A worker left or was lost.</summary>
    public void Gone(int worker)
    {
        lock (_lock)
        {
            _paces[worker].IsGone = true;
            _paces[worker].IsStraggler = false;
        }
    }

    /// <summary>Step of the last gradient of a worker; 0 before the first.</summary>
    public long StepOf(int worker)
    {
        lock (_lock)
        {
            return Math.Max(_paces[worker].Step, 0);
        }
    }

    /// <summary>Time a worker takes for a step; zero while unknown.</summary>
    public TimeSpan StepTimeOf(int worker)
    {
        lock (_lock)
        {
            return TimeSpan.FromSeconds(SecondsOf(_paces[worker], _time.GetTimestamp()));
        }
    }

    /// <summary>True for a straggler.</summary>
    public bool IsStraggler(int worker)
    {
        lock (_lock)
        {
            return _paces[worker].IsStraggler;
        }
    }

    /// <summary>True for a worker that left or was lost.</summary>
    public bool IsGone(int worker)
    {
        lock (_lock)
        {
            return _paces[worker].IsGone;
        }
    }

    /// <summary>Compares the workers; to be called now and then.</summary>
    /// <returns>What changed since the last call.</returns>
    public IReadOnlyList<PaceChange> Check()
    {
        List<PaceChange>? changes = null;
        var now = _time.GetTimestamp();
        lock (_lock)
        {
            for (var worker = 0; worker < _paces.Length; worker++)
            {
                ref var pace = ref _paces[worker];
                var own = SecondsOf(pace, now);
                var median = MedianOfOthers(worker, now);
                if (pace.IsGone || own <= 0 || median <= 0)
                {
                    pace.ChangingSince = 0;
                    continue;
                }

                var isSlow = own > Multiple * median && own - median > LeastExcess.TotalSeconds;
                if (isSlow == pace.IsStraggler)
                {
                    pace.ChangingSince = 0;
                }
                else if (pace.ChangingSince == 0)
                {
                    pace.ChangingSince = now;
                }
                else if (_time.GetElapsedTime(pace.ChangingSince, now) >= Sustained)
                {
                    (pace.IsStraggler, pace.ChangingSince) = (isSlow, 0);
                    (changes ??= []).Add(new PaceChange(worker, isSlow, TimeSpan.FromSeconds(own), TimeSpan.FromSeconds(median)));
                }
            }
        }

        return changes ?? (IReadOnlyList<PaceChange>)[];
    }

    private void CloseStep(ref Pace pace)
    {
        if (pace.StepBegan == 0 || pace.PushedAt < pace.StepBegan)
        {
            return;
        }

        var seconds = _time.GetElapsedTime(pace.StepBegan, pace.PushedAt).TotalSeconds;
        pace.Seconds = pace.Seconds == 0 ? seconds : pace.Seconds + Newest * (seconds - pace.Seconds);
        pace.StepBegan = 0;
    }

    private double SecondsOf(in Pace pace, long now)
    {
        var isWorking = !pace.IsPaused && pace.AnsweredAt >= pace.PushedAt;
        return isWorking && pace.Seconds > 0
            ? Math.Max(pace.Seconds, _time.GetElapsedTime(pace.AnsweredAt, now).TotalSeconds)
            : pace.Seconds;
    }

    private double MedianOfOthers(int worker, long now)
    {
        var count = 0;
        for (var other = 0; other < _paces.Length; other++)
        {
            if (other != worker && !_paces[other].IsGone && SecondsOf(_paces[other], now) is > 0 and var seconds)
            {
                _others[count++] = seconds;
            }
        }

        if (count == 0)
        {
            return 0;
        }

        var known = _others.AsSpan(0, count);
        known.Sort();
        return count % 2 == 1 ? known[count / 2] : (known[count / 2 - 1] + known[count / 2]) / 2;
    }

    private struct Pace
    {
        /// <summary>Step of the last gradient.</summary>
        public long Step;

        /// <summary>When the step in progress began: at the answer to the one before; 0 if unknown.</summary>
        public long StepBegan;

        /// <summary>When the last gradient came.</summary>
        public long PushedAt;

        /// <summary>When the last answer went out.</summary>
        public long AnsweredAt;

        /// <summary>Average time of a step; 0 while unknown.</summary>
        public double Seconds;

        /// <summary>Since when it has looked other than <see cref="IsStraggler"/> says; 0 if it does not.</summary>
        public long ChangingSince;

        public bool IsPaused;
        public bool IsGone;
        public bool IsStraggler;
    }
}

/// <summary>A worker became a straggler, or is none any more.</summary>
/// <param name="Worker">Index of the worker.</param>
/// <param name="IsStraggler">What it is now.</param>
/// <param name="Own">Time it takes for a step.</param>
/// <param name="Others">Median of the other workers.</param>
internal readonly record struct PaceChange(int Worker, bool IsStraggler, TimeSpan Own, TimeSpan Others);
