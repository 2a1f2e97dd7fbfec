using System.Text;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Allreduce;

/// <content>The worker before, and last words: who was lost, told both ways.</content>
internal sealed partial class RingLink
{
    private void Receive(FrameConnection incoming)
    {
        lock (Gate)
        {
            if (_disposed)
            {
                return;
            }

            (_incoming, _isReceiving) = (incoming, true);
            Monitor.PulseAll(Gate);
        }

        try
        {
            while (true)
            {
                Take(incoming, incoming.ReceiveHeader("its next frame", _maxPayload));
            }
        }
        catch (TransportException error)
        {
            Fail(new RingLossException($"worker {_place.Previous} was lost ({error.Message})", error));
        }
        catch (TrainingException error)
        {
            Fail(error);
        }

        Drain(incoming);
        lock (Gate)
        {
            _isReceiving = false;
            Monitor.PulseAll(Gate);
        }
    }

    private void Take(FrameConnection incoming, FrameHeader header)
    {
        switch (header.Type)
        {
            case MessageType.Heartbeat:
                incoming.ReceivePayload(header, default);
                break;
            case MessageType.Abort:
                throw ReadReason(incoming, header);
            default:
                _traffic.Take(incoming, header);
                break;
        }
    }

    // The next worker may have gone because of another, and said so; or the ring says it from the other side.
    private TrainingException WhyNextIsLost(TransportException error)
    {
        try
        {
            _outgoing!.Silence = BlameTime;
            var header = _outgoing.ReceiveHeader("its last words", Handshake.MaxAbortBytes);
            if (header.Type == MessageType.Abort)
            {
                return ReadReason(_outgoing, header);
            }
        }
        catch (TransportException)
        {
            // It went without a word.
        }

        var deadline = Environment.TickCount64 + (long)BlameTime.TotalMilliseconds;
        lock (Gate)
        {
            while (_failure is null && !_isEnding && Environment.TickCount64 is var now && now < deadline)
            {
                Monitor.Wait(Gate, (int)(deadline - now));
            }
        }

        return new RingLossException($"worker {_place.Next} was lost ({error.Message})", error);
    }

    private static TrainingException ReadReason(FrameConnection from, FrameHeader header)
    {
        if (header.Length > Handshake.MaxAbortBytes)
        {
            throw new TransportException($"{from.Peer} gave a reason of {header.Length} bytes; at most {Handshake.MaxAbortBytes} are accepted");
        }

        var text = new byte[header.Length];
        from.ReceivePayload(header, text);
        var reason = Encoding.UTF8.GetString(text).ReplaceLineEndings(" ");
        return header.Part == RingDialer.Passing ? new RingLossException(reason) : new TrainingException(reason);
    }

    private static void Tell(FrameConnection? connection, TrainingException error)
    {
        if (connection is null)
        {
            return;
        }

        try
        {
            connection.Silence = DrainLimit;
            RingDialer.SendAbort(connection, error.Message, isPassing: error is RingLossException);
            connection.FinishSending();
        }
        catch (TransportException)
        {
            // It is gone and will hear of it from its other neighbour.
        }
    }

    // Closing a socket with unread bytes in it would throw away what is on its way to the other side.
    private void Drain(FrameConnection incoming)
    {
        var deadline = Environment.TickCount64 + (long)DrainLimit.TotalMilliseconds;
        try
        {
            incoming.Silence = DrainLimit;
            while (Environment.TickCount64 < deadline)
            {
                incoming.SkipPayload(incoming.ReceiveHeader("it to hang up", _maxPayload));
            }
        }
        catch (TransportException)
        {
            // It hung up.
        }
    }
}
