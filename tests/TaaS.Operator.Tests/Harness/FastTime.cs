using System.Diagnostics;

namespace TaaS.Operator.Tests;

/// <summary>A clock that runs faster than the real one, for waits of minutes between real calls.</summary>
internal sealed class FastTime(double factor) : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _from = Stopwatch.GetTimestamp();

    /// <summary>Added to what the clock shows, as if it had been set wrong.</summary>
    public TimeSpan Skew { get; init; }

    public override DateTimeOffset GetUtcNow() => _start + Skew + (Stopwatch.GetElapsedTime(_from) * factor);

    public override long GetTimestamp() => _from + (long)((Stopwatch.GetTimestamp() - _from) * factor);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new ScaledTimer(System.CreateTimer(callback, state, Scale(dueTime), Scale(period)), this);

    private TimeSpan Scale(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / factor;

    private sealed class ScaledTimer(ITimer inner, FastTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(time.Scale(dueTime), time.Scale(period));

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
