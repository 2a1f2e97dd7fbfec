namespace TaaS.Benchmarks.Distributed.Simulation;

/// <summary>
/// Processors of one machine, shared evenly by all that wants to compute, as an operating system does: with n at work on c of them,
/// each gets min(1, c/n) of one. <b>Source</b>: egalitarian processor sharing in virtual time (Kleinrock, Queueing Systems II, §4.4).
/// </summary>
internal sealed class Processors(EventQueue events, int count)
{
    // Work ends when virtual time, the share that each has had, reaches its end.
    private readonly PriorityQueue<Action, (double End, long Order)> _working = new();
    private double _virtual;
    private double _since;
    private long _order;
    private long _plan;

    /// <summary>Processor seconds spent.</summary>
    internal double Busy { get; private set; }

    private double Share => Math.Min(1, (double)count / _working.Count);

    /// <summary>Computes for that many processor seconds beside all else.</summary>
    internal void Work(double seconds, Action done)
    {
        Advance();
        _working.Enqueue(done, (_virtual + seconds, _order++));
        Plan();
    }

    private void Advance()
    {
        var elapsed = events.Now - _since;
        if (_working.Count > 0)
        {
            _virtual += elapsed * Share;
            Busy += elapsed * Math.Min(_working.Count, count);
        }

        _since = events.Now;
    }

    private void Plan()
    {
        var plan = ++_plan;
        if (_working.TryPeek(out _, out var next))
        {
            events.At(events.Now + Math.Max(0, next.End - _virtual) / Share, () =>
            {
                // More work came meanwhile and there is a newer plan.
                if (plan == _plan)
                {
                    Advance();
                    _virtual = next.End;
                    var done = _working.Dequeue();
                    Plan();
                    done();
                }
            });
        }
    }
}
