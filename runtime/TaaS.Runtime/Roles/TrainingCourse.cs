using TaaS.Runtime.ParameterServer;

namespace TaaS.Runtime;

/// <summary>
/// A worker's way through training: takes parameters, makes every step, and starts again from the last checkpoint whenever training goes back.
/// The chief saves at the start, every so many steps, after each epoch, and when stopped.
/// </summary>
internal sealed class TrainingCourse(IParameterStore store, ICourseWork work, bool isChief, long stepsPerEpoch, int epochs, int checkpointSteps)
{
    private readonly long _end = stepsPerEpoch * epochs;
    private long _scored = -1;

    /// <summary>Trains to the end, or until told to stop.</summary>
    /// <param name="stop">Ends training after the step in progress.</param>
    /// <exception cref="Engine.TaaSException">Training cannot go on.</exception>
    public void Run(CancellationToken stop)
    {
        while (Enter() is not { } step || !Train(step, stop))
        {
            // Training went back: once more from the last checkpoint.
        }
    }

    // The chief gives the parameters of the last checkpoint; everyone takes them.
    private long? Enter() => isChief && !store.Initialize(work.LastState()) ? null : store.Pull();

    // False if training went back.
    private bool Train(long step, CancellationToken stop)
    {
        while (step < _end && !stop.IsCancellationRequested)
        {
            if (RunEpoch(step, stop) is not { } reached)
            {
                return false;
            }

            step = reached;
            work.EndEpoch(step);
            if (isChief && !SaveAndScore(step, stop.IsCancellationRequested && step % stepsPerEpoch != 0))
            {
                return false;
            }
        }

        if (stop.IsCancellationRequested)
        {
            store.Leave();
            return true;
        }

        if (isChief && _scored < 0)
        {
            // Resumed from where nothing was left to do.
            Score(step);
        }

        return store.Finish();
    }

    // To the end of the epoch, or to where the others have gone on without this worker; null if training went back.
    private long? RunEpoch(long step, CancellationToken stop)
    {
        var end = (step / stepsPerEpoch + 1) * stepsPerEpoch;
        while (step < end && !stop.IsCancellationRequested)
        {
            if (work.Step(store, step) is not { } next)
            {
                return null;
            }

            step = next;
            if (isChief && checkpointSteps > 0 && step % checkpointSteps == 0 && step < end && !TrySave(step))
            {
                return null;
            }
        }

        return step;
    }

    private bool SaveAndScore(long step, bool isStopped)
    {
        if ((step == _end && !store.PullFinal()) || !TrySave(step))
        {
            // Told to stop, what was saved before is what there is.
            return isStopped;
        }

        if (!isStopped)
        {
            Score(step);
        }

        return true;
    }

    private void Score(long step)
    {
        work.Score(step);
        _scored = step;
    }

    private bool TrySave(long step)
    {
        if (store.Snapshot(step) is not { } state)
        {
            return false;
        }

        work.Save(state);
        return true;
    }
}
