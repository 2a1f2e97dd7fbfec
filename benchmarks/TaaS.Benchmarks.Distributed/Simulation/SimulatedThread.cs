namespace TaaS.Benchmarks.Distributed.Simulation;

/// <summary>A thread: one job after the other, in the order in which they came.</summary>
internal sealed class SimulatedThread(Processors processors)
{
    private readonly Queue<(Func<double> Work, Func<bool> IsReady, Action Done)> _jobs = new();
    private bool _isBusy;

    /// <summary>Adds a job.</summary>
    /// <param name="work">Processor seconds, asked for when the job begins.</param>
    /// <param name="done">Happens at its end.</param>
    /// <param name="isReady">False while it, and all behind it, must wait; <see cref="Wake"/> asks again.</param>
    internal void Add(Func<double> work, Action done, Func<bool>? isReady = null)
    {
        _jobs.Enqueue((work, isReady ?? (() => true), done));
        Wake();
    }

    /// <summary>Goes on if what the next job waited for is there.</summary>
    internal void Wake()
    {
        if (_isBusy || !_jobs.TryPeek(out var job) || !job.IsReady())
        {
            return;
        }

        _isBusy = true;
        _jobs.Dequeue();
        processors.Work(job.Work(), () =>
        {
            _isBusy = false;
            job.Done();
            Wake();
        });
    }
}
