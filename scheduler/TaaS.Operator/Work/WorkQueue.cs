using System.Threading.Channels;

namespace TaaS.Operator;

/// <summary>
/// What is to be looked at, by key: once however often it was asked for, and never by two at a time.
/// A key that is asked for while it is being looked at comes again afterwards.
/// </summary>
internal sealed class WorkQueue : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Channel<string> _ready = Channel.CreateUnbounded<string>();
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> _busy = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DateTimeOffset Due, ITimer Timer)> _later = new(StringComparer.Ordinal);

    public WorkQueue(TimeProvider time) => _time = time;

    /// <summary>Keys that wait to be looked at.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Asks for a key.</summary>
    public void Add(string key)
    {
        lock (_lock)
        {
            if (_waiting.Add(key) && !_busy.Contains(key))
            {
                _ready.Writer.TryWrite(key);
            }
        }
    }

    /// <summary>Asks for a key at a later time; an earlier appointment stands.</summary>
    public void AddAfter(string key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }

        var due = _time.GetUtcNow() + delay;
        lock (_lock)
        {
            if (_later.TryGetValue(key, out var appointment))
            {
                if (appointment.Due <= due)
                {
                    return;
                }

                appointment.Timer.Dispose();
            }

            _later[key] = (due, _time.CreateTimer(_ => Ring(key, due), null, delay, Timeout.InfiniteTimeSpan));
        }
    }

    /// <summary>Asks for a key after a pause that grows with each failure.</summary>
    public void Retry(string key)
    {
        int failures;
        lock (_lock)
        {
            failures = _failures[key] = _failures.GetValueOrDefault(key) + 1;
        }

        AddAfter(key, TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(failures - 1, 20))));
    }

    /// <summary>The next key; <see cref="Done"/> is to follow.</summary>
    public async ValueTask<string> TakeAsync(CancellationToken cancel)
    {
        var key = await _ready.Reader.ReadAsync(cancel).ConfigureAwait(false);
        lock (_lock)
        {
            _waiting.Remove(key);
            _busy.Add(key);
        }

        return key;
    }

    /// <summary>A key has been looked at.</summary>
    public void Done(string key, bool isSuccess)
    {
        lock (_lock)
        {
            _busy.Remove(key);
            if (isSuccess)
            {
                _failures.Remove(key);
            }

            if (_waiting.Contains(key))
            {
                _ready.Writer.TryWrite(key);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var (_, timer) in _later.Values)
            {
                timer.Dispose();
            }

            _later.Clear();
        }
    }

    private void Ring(string key, DateTimeOffset due)
    {
        lock (_lock)
        {
            if (_later.TryGetValue(key, out var appointment) && appointment.Due == due)
            {
                _later.Remove(key);
                appointment.Timer.Dispose();
            }
        }

        Add(key);
    }
}
