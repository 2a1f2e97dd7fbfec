namespace TaaS.Runtime.Tests;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class FixedTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 11, 25, 6, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.Ticks;

    /// <summary>Never fires.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Advance(TimeSpan time) => _now += time;
}
