using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Allreduce;

/// <content>What the worker before sends, and what this one passes on.</content>
internal sealed partial class RingExchange
{
    /// <inheritdoc/>
    public void Take(FrameConnection previous, FrameHeader header)
    {
        switch (header.Type)
        {
            case MessageType.RingSum:
                TakeSum(previous, header);
                break;
            case MessageType.RingValues:
                TakeValues(previous, header);
                break;
            case MessageType.RingLeave:
                previous.ReceivePayload(header, default);
                TakeLeave(header);
                break;
            case MessageType.RingInitialize when !_hasBegun:
                At(header);
                _states.TakeInitial(previous, header, AwaitPassedOn);
                break;
            case MessageType.RingBegin when !_hasBegun:
                previous.ReceivePayload(header, default);
                _states.TakeEnd(previous, header);
                Begin(header.Step);
                break;
            case MessageType.RingGather when _hasBegun:
                previous.ReceivePayload(header, default);
                _states.Answer(header);
                break;
            case MessageType.RingState when _hasBegun:
                At(header);
                _states.TakeState(previous, header, AwaitPassedOn);
                break;
            default:
                throw Misplaced(header, _hasBegun ? $"while step {_step} is under way" : "before training has begun");
        }
    }

    /// <inheritdoc/>
    public void Send(RingItem item, FrameConnection? next)
    {
        if (item.IsUnfinished)
        {
            Reduce(item.Bucket, item.Chunk, item.Step);
            return;
        }

        next!.Send(
            new FrameHeader(item.Type) { Worker = item.Worker, Slice = item.Bucket, Request = (uint)item.Chunk, Part = (ushort)item.Part, Step = item.Step },
            item.Type switch
            {
                MessageType.RingSum when item.Part > 0 => _memory.Sum(item.Bucket, item.Chunk),
                MessageType.RingValues => _memory.Values(item.Bucket, item.Chunk),
                MessageType.RingInitialize or MessageType.RingState => _states.Content(item),
                _ => default,
            });
        if (item.IsRelayed)
        {
            _states.PassedOn();
        }
    }

    private void TakeSum(FrameConnection previous, FrameHeader header)
    {
        var (at, chunk) = (At(header), (int)header.Request);
        lock (_link.Gate)
        {
            // A neighbour is at most one step ahead: further it would need this worker's gradient.
            if (!_hasBegun || chunk == _place.Previous || header.Step != _arrived[at] + 1 || header.Step > _step + 1 || _reduced[at] != _arrived[at] || header.Part >= _place.Workers)
            {
                throw Misplaced(header, $"with {header.Part} gradients while step {_step} is under way");
            }
        }

        RequireLength(header, header.Part == 0 ? 0 : _layout.Buckets[header.Slice].Chunks[chunk].Bytes);
        previous.ReceivePayload(header, header.Part == 0 ? default : _memory.Sum(header.Slice, chunk));
        bool isHere;
        lock (_link.Gate)
        {
            if (_isPassive && header.Step == _step && _released[header.Slice] < _step)
            {
                TakePart(header.Slice);
            }

            _arrived[at] = header.Step;
            _gradients[at] = header.Part;
            isHere = _released[header.Slice] >= header.Step;
        }

        if (isHere)
        {
            // While it is still in the cache.
            Reduce(header.Slice, chunk, header.Step);
        }
    }

    private void TakeValues(FrameConnection previous, FrameHeader header)
    {
        var (at, chunk) = (At(header), (int)header.Request);
        lock (_link.Gate)
        {
            if (!_hasBegun || chunk == _place.Worker || header.Step != _step || _fresh[at] != _step - 1 || _released[header.Slice] != _step)
            {
                throw Misplaced(header, $"while step {_step} is under way");
            }
        }

        RequireLength(header, _layout.Buckets[header.Slice].Chunks[chunk].Bytes);
        previous.ReceivePayload(header, _memory.Values(header.Slice, chunk));
        if (_place.Next != chunk)
        {
            _link.Post(new RingItem(MessageType.RingValues, header.Slice, chunk, header.Step) { Worker = chunk });
        }

        lock (_link.Gate)
        {
            _fresh[at] = header.Step;
            Close(header.Slice);
        }
    }

    private void TakeLeave(FrameHeader header)
    {
        lock (_link.Gate)
        {
            if ((uint)header.Worker >= (uint)_place.Workers || _gone[header.Worker])
            {
                throw Misplaced(header, $"of worker {header.Worker}");
            }

            Go(header.Worker);
        }
    }

    private int At(FrameHeader header)
    {
        if ((uint)header.Slice >= (uint)_layout.Buckets.Length || header.Request >= (uint)_place.Workers)
        {
            throw Misplaced(header, $"of {_layout.Buckets.Length} buckets in {_place.Workers} chunks");
        }

        return header.Slice * _place.Workers + (int)header.Request;
    }

    private void RequireLength(FrameHeader header, int bytes)
    {
        if (header.Length != bytes)
        {
            throw Misplaced(header, $"in {header.Length} bytes where {bytes} were expected");
        }
    }

    private TrainingException Misplaced(FrameHeader header, string how) =>
        new($"{_place.Name(_place.Previous)} sent a {header.Type} frame for step {header.Step}, bucket {header.Slice}, chunk {(int)header.Request}, {how}; run the same release everywhere");
}
