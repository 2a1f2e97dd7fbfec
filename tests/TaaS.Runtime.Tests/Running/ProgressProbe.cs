namespace TaaS.Runtime.Tests.Running;

/// <summary>Waits for a role to report that it trains.</summary>
internal sealed class ProgressProbe : IProgress<TrainingProgress>
{
    private readonly Dictionary<string, TaskCompletionSource> _first = [];
    private readonly Lock _lock = new();

    public List<TrainingProgress> Reports { get; } = [];

    public Task TrainsAsync(string role) => Source(role).Task.WaitAsync(TinyJob.Patience);

    public void Report(TrainingProgress value)
    {
        lock (_lock)
        {
            Reports.Add(value);
        }

        Source(value.Role).TrySetResult();
    }

    private TaskCompletionSource Source(string role)
    {
        lock (_lock)
        {
            return _first.TryGetValue(role, out var source) ? source : _first[role] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
