namespace TaaS.Benchmarks.Distributed.Simulation;

/// <summary>Simulated time: events in the order of their times, those of one time in the order in which they were planned.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<Action, (double Time, long Order)> _events = new();
    private long _order;

    /// <summary>Seconds since the start.</summary>
    internal double Now { get; private set; }

    /// <summary>Plans an event.</summary>
    internal void At(double time, Action happen) => _events.Enqueue(happen, (Math.Max(time, Now), _order++));

    /// <summary>Lets everything happen, also what is planned meanwhile.</summary>
    internal void Run()
    {
        while (_events.TryDequeue(out var happen, out var when))
        {
            Now = when.Time;
            happen();
        }
    }
}
