namespace TaaS.Operator;

/// <summary>Says that something has changed; any number of times before somebody looks count as one.</summary>
internal sealed class Signal
{
    private TaskCompletionSource _set = New();

    /// <summary>Something has changed.</summary>
    public void Set() => Volatile.Read(ref _set).TrySetResult();

    /// <summary>Waits for a change, or until it is time anyway; forgets the changes so far.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var pause = Task.Delay(atMost, time, either.Token);
        await Task.WhenAny(Volatile.Read(ref _set).Task, pause).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        Interlocked.Exchange(ref _set, New());
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
