namespace TaaS.Runtime.ParameterServer;

/// <content>Workers that join, finish, leave and are lost, and what that means for those who wait.</content>
public sealed partial class ParameterShard
{
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
}
