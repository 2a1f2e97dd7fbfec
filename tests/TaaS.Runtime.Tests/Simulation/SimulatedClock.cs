namespace TaaS.Runtime.Tests.Simulation;

/// <summary>Simulated time: events happen in order of their times, and of their making where times are equal. Times are milliseconds.</summary>
internal sealed class SimulatedClock
{
    private readonly PriorityQueue<Action, (double Time, long Number)> _events = new();
    private long _made;

    public double Now { get; private set; }

    public void After(double delay, Action what) => _events.Enqueue(what, (Now + delay, _made++));

    /// <summary>Lets the next event happen; false if there is none.</summary>
    public bool Step()
    {
        if (!_events.TryDequeue(out var what, out var at))
        {
            return false;
        }

        Now = at.Time;
        what();
        return true;
    }
}
