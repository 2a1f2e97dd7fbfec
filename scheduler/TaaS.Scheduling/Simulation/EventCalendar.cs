namespace TaaS.Scheduling.Simulation;

/// <summary>What is to come in virtual time; events of one moment come in the order in which they were put in.</summary>
internal sealed class EventCalendar
{
    private readonly PriorityQueue<Action<DateTimeOffset>, (DateTimeOffset At, long Number)> _events = new();
    private long _number;

    public bool IsEmpty => _events.Count == 0;

    public void Add(DateTimeOffset at, Action<DateTimeOffset> happens) => _events.Enqueue(happens, (at, _number++));

    /// <summary>When the next event comes.</summary>
    public DateTimeOffset Next => _events.TryPeek(out _, out var key) ? key.At : throw new InvalidOperationException("nothing is to come");

    /// <summary>Lets everything of one moment happen, also what that brings about in the same moment.</summary>
    public void RunMoment()
    {
        var now = Next;
        while (_events.TryPeek(out _, out var key) && key.At == now)
        {
            _events.Dequeue()(now);
        }
    }
}
