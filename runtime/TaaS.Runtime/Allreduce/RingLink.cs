using System.Net.Sockets;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Allreduce;

/// <summary>
/// A worker's two lines in the ring. One thread sends to the next worker what was posted, and beats the heart; another takes what the
/// worker before sends, always, so that sending never waits for computing and the ring cannot lock itself up.
/// </summary>
/// <remarks>
/// A line that breaks is a worker lost, and the end of this ring for all: the worker behind the gap tells the next, who tells the next.
/// The reason also goes backwards to the worker before, who reads it once its own line is broken.
/// </remarks>
internal sealed partial class RingLink : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    /// <summary>After the line to the next worker broke, how long to hear round the ring who was lost first.</summary>
    private static readonly TimeSpan BlameTime = TimeSpan.FromSeconds(1);

    /// <summary>How long the last words of a neighbour are waited for at the end.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);

    private readonly RingPlace _place;
    private readonly TransportOptions _options;
    private readonly IRingTraffic _traffic;
    private readonly int _maxPayload;
    private readonly RingItem[] _queue;
    private readonly long _joinDeadline;
    private readonly string _job;
    private readonly string _after;
    private readonly Thread _sender;
    private RingListener? _listener;
    private FrameConnection? _incoming;
    private FrameConnection? _outgoing;
    private TrainingException? _failure;
    private string? _dialError;
    private int _first;
    private int _count;
    private long _lastSent;
    private bool _isReceiving;
    private bool _isEnding;
    private volatile bool _disposed;

    /// <summary>Makes a link that is not open yet.</summary>
    /// <param name="place">Where this worker stands.</param>
    /// <param name="job">What all workers must run alike.</param>
    /// <param name="traffic">What frames mean.</param>
    /// <param name="capacity">Most things that may be posted and not yet sent.</param>
    /// <param name="maxPayload">Bytes of the largest frame.</param>
    /// <param name="options">Limits and the secret.</param>
    /// <param name="after">Why the ring is made anew, or null; told with what then goes wrong.</param>
    public RingLink(RingPlace place, string job, IRingTraffic traffic, int capacity, int maxPayload, TransportOptions options, string? after)
    {
        (_place, _job, _options, _traffic) = (place, job, options, traffic);
        _after = after is null ? "" : $"{after}; then ";
        _maxPayload = Math.Max(maxPayload, Handshake.MaxAbortBytes);
        _queue = new RingItem[capacity];
        _joinDeadline = Environment.TickCount64 + (long)options.Connect.TotalMilliseconds;
        _sender = new Thread(Send) { IsBackground = true, Name = "to the next worker" };
    }

    /// <summary>Guards the state of the ring here; pulsed at every change.</summary>
    public object Gate { get; } = new();

    /// <summary>Listens, and starts to connect in the background.</summary>
    /// <exception cref="TransportException">The address of this worker is taken or not of this machine.</exception>
    public void Open()
    {
        if (_place.Workers > 1)
        {
            _listener = new RingListener(_place, SignatureOf(_place.Worker, _job), _options, Receive);
        }

        _sender.Start();
    }

    /// <summary>Leaves something to the sending thread; returns at once.</summary>
    public void Post(in RingItem item)
    {
        lock (Gate)
        {
            if (_count == _queue.Length)
            {
                throw new TrainingException($"{_place.Name(_place.Previous)} sent more than the steps of training ask for");
            }

            _queue[(_first + _count++) % _queue.Length] = item;
            Monitor.PulseAll(Gate);
        }
    }

    /// <summary>Waits for a change; the gate must be held.</summary>
    /// <param name="deadline">Longest wait, in <see cref="Environment.TickCount64"/>.</param>
    /// <returns>False once the deadline has passed.</returns>
    /// <exception cref="TrainingException">Training has failed, or the worker before did not come.</exception>
    public bool WaitForChange(long deadline)
    {
        ThrowIfFailed();
        var now = Environment.TickCount64;
        var isMissing = _place.Workers > 1 && _incoming is null;
        if (isMissing && now >= _joinDeadline)
        {
            if (_outgoing is null && _dialError is not null)
            {
                throw NextIsNotThere();
            }

            var refusal = _listener!.LastRefusal is { } last ? $" (last refused: {last})" : "";
            throw new TrainingException($"{_after}{_place.Name(_place.Previous)} did not connect to worker {_place.Worker} within {_options.Connect.TotalSeconds:0.#} s{refusal}; check that it runs with the same list of workers");
        }

        var left = Math.Min(deadline, isMissing ? _joinDeadline : long.MaxValue) - now;
        if (left <= 0)
        {
            return false;
        }

        Monitor.Wait(Gate, (int)Math.Min(left, int.MaxValue));
        ThrowIfFailed();
        return true;
    }

    /// <summary>Throws if training has failed here or anywhere in the ring.</summary>
    public void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw _failure is RingLossException ? new RingLossException(_failure.Message, _failure) : new TrainingException(_failure.Message, _failure);
        }
    }

    /// <summary>Ends this ring for all, unless it has ended; the gate must not be held.</summary>
    public void Fail(TrainingException error)
    {
        FrameConnection? incoming;
        FrameConnection? outgoing;
        lock (Gate)
        {
            if (_failure is not null || _isEnding)
            {
                return;
            }

            _failure = error;
            (incoming, outgoing) = (_incoming, _outgoing);
            Monitor.PulseAll(Gate);
        }

        Tell(outgoing, error);
        Tell(incoming, error);
    }

    /// <summary>Every worker has left: what was posted is still sent, and a line that ends is no loss any more. The gate must be held.</summary>
    public void End()
    {
        _isEnding = true;
        Monitor.PulseAll(Gate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Fail(new TrainingException($"worker {_place.Worker} ended its training early; its log says why"));
        lock (Gate)
        {
            _disposed = true;
            Monitor.PulseAll(Gate);
        }

        _listener?.Dispose();
        if (!AwaitReceiver(DrainLimit))
        {
            _incoming!.Dispose();
            AwaitReceiver(Timeout.InfiniteTimeSpan);
        }

        if (!_sender.Join(DrainLimit))
        {
            _outgoing?.Dispose();
            _sender.Join();
        }

        _outgoing?.Dispose();
    }

    private bool AwaitReceiver(TimeSpan limit)
    {
        var deadline = limit == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)limit.TotalMilliseconds;
        lock (Gate)
        {
            while (_isReceiving && Environment.TickCount64 is var now && now < deadline)
            {
                Monitor.Wait(Gate, (int)Math.Min(deadline - now, int.MaxValue));
            }

            return !_isReceiving;
        }
    }

    // Both ends of a line must mean the same job and the same line.
    internal static string SignatureOf(int worker, string job) => $"ring to worker {worker}, {job}";

    private void Send()
    {
        try
        {
            if (_place.Workers > 1)
            {
                Connect();
            }

            while (TryTake(out var item))
            {
                if (item is { } posted)
                {
                    _traffic.Send(posted, _outgoing);
                }
                else
                {
                    _outgoing?.Send(new FrameHeader(MessageType.Heartbeat) { Worker = _place.Worker });
                }

                _lastSent = Environment.TickCount64;
            }

            // After a failure the last word is the reason, and another thread's.
            if (_failure is null)
            {
                _outgoing?.FinishSending();
            }
        }
        catch (TransportException error)
        {
            Fail(WhyNextIsLost(error));
        }
        catch (TrainingException error)
        {
            Fail(error);
        }
    }

    // Nothing to send for a while: a heartbeat (null). False at the end.
    private bool TryTake(out RingItem? item)
    {
        lock (Gate)
        {
            while (_count == 0 && !_isEnding && _failure is null && !_disposed)
            {
                var left = _lastSent + (long)_options.Heartbeat.TotalMilliseconds - Environment.TickCount64;
                if (left <= 0)
                {
                    item = null;
                    return true;
                }

                Monitor.Wait(Gate, (int)left);
            }

            if (_count == 0 || _failure is not null)
            {
                item = null;
                return false;
            }

            item = _queue[_first];
            _first = (_first + 1) % _queue.Length;
            _count--;
            return true;
        }
    }

    private void Connect()
    {
        while (true)
        {
            try
            {
                var connection = RingDialer.Dial(_place, SignatureOf(_place.Next, _job), _options);
                lock (Gate)
                {
                    _outgoing = connection;
                    _lastSent = Environment.TickCount64;
                    Monitor.PulseAll(Gate);
                    return;
                }
            }
            catch (TransportException refused) when (refused.Final)
            {
                throw new TrainingException(refused.Message, refused);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException or TransportException)
            {
                _dialError = error.Message;
            }

            if (Environment.TickCount64 > _joinDeadline)
            {
                throw NextIsNotThere();
            }

            lock (Gate)
            {
                if (_failure is not null || _disposed)
                {
                    throw new TrainingException($"worker {_place.Worker} gave up to connect to {_place.Name(_place.Next)}");
                }

                Monitor.Wait(Gate, RetryPause);
            }
        }
    }

    private TrainingException NextIsNotThere() =>
        new($"{_after}{_place.Name(_place.Next)} could not be reached within {_options.Connect.TotalSeconds:0.#} s: {_dialError}; check that it runs and that the address is right");
}
