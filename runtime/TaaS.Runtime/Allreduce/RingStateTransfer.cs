using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Allreduce;

/// <summary>
/// Carries whole states along the ring: at the start from the chief, values to everyone and optimizer slots to the owner of each chunk;
/// for a checkpoint the slots from their owners to the chief.
/// </summary>
internal sealed class RingStateTransfer
{
    private readonly RingPlace _place;
    private readonly RingLayout _layout;
    private readonly RingMemory _memory;
    private readonly int _slots;
    private readonly RingLink _link;

    // For each owner, parts the chief still waits for.
    private readonly int[] _awaited;
    private ParameterState? _gathered;

    // What is passed on and has no place here goes through one piece of memory, made when it is first needed.
    private byte[]? _relay;
    private bool _isRelaying;
    private int _given;

    public RingStateTransfer(RingPlace place, RingLayout layout, RingMemory memory, int slots, RingLink link)
    {
        (_place, _layout, _memory, _slots, _link) = (place, layout, memory, slots, link);
        _awaited = new int[place.Workers];
    }

    /// <summary>Step at which training began.</summary>
    public long FirstStep { get; private set; }

    /// <summary>Updates made before that step.</summary>
    public long FirstUpdates { get; private set; }

    /// <summary>An owner whose slots are waited for, or -1. The gate must be held.</summary>
    public int AwaitedOwner => Array.FindIndex(_awaited, static parts => parts > 0);

    /// <summary>The chief: sends a state on its way.</summary>
    /// <param name="state">Everything.</param>
    /// <param name="reserve">Waits for <see cref="TryReserve"/>.</param>
    public void Give(ParameterState state, Action reserve)
    {
        _memory.Load(state);
        (FirstStep, FirstUpdates) = (state.Step, state.Updates);
        for (var bucket = 0; bucket < _layout.Buckets.Length && _place.Workers > 1; bucket++)
        {
            for (var chunk = 0; chunk < _place.Workers; chunk++)
            {
                _link.Post(Item(MessageType.RingInitialize, bucket, chunk, 0, FirstUpdates));
                for (var part = 1; part <= _slots && chunk != _place.Worker; part++)
                {
                    reserve();
                    _memory.Read(state, bucket, chunk, part, Relay(bucket, chunk));
                    _link.Post(Item(MessageType.RingInitialize, bucket, chunk, part, FirstUpdates) with { IsRelayed = true });
                }
            }
        }
    }

    /// <summary>The chief: all was given.</summary>
    public void GiveEnd()
    {
        if (_place.Workers > 1)
        {
            _link.Post(new RingItem(MessageType.RingBegin, -1, 0, FirstStep));
        }
    }

    /// <summary>Another worker: takes a part of the state at the start, and passes it on.</summary>
    public void TakeInitial(FrameConnection previous, FrameHeader header, Action reserve)
    {
        var (bucket, chunk, part) = (header.Slice, (int)header.Request, header.Part);
        if (part > _slots || _place.Worker == 0 || (part > 0 && chunk < _place.Worker))
        {
            throw new TrainingException($"{previous.Peer} gave part {part} of chunk {chunk} to worker {_place.Worker}, who is not on its way; run the same release everywhere");
        }

        FirstUpdates = header.Step;
        if (part == 0)
        {
            previous.ReceivePayload(header, _memory.Values(bucket, chunk));
        }
        else if (chunk == _place.Worker)
        {
            previous.ReceivePayload(header, _memory.Slot(bucket, part - 1));
        }
        else
        {
            PassOn(previous, header, reserve);
            return;
        }

        _given++;
        if (part == 0 && _place.Next != 0)
        {
            _link.Post(Item(header.Type, bucket, chunk, part, header.Step));
        }
    }

    /// <summary>Another worker: the chief says that all was given.</summary>
    /// <exception cref="TrainingException">Something is missing.</exception>
    public void TakeEnd(FrameConnection previous, FrameHeader header)
    {
        var expected = _layout.Buckets.Length * (_place.Workers + _slots);
        if (_given != expected)
        {
            throw new TrainingException($"{previous.Peer} begins training after {_given} of {expected} parts of the parameters; run the same release everywhere");
        }

        FirstStep = header.Step;
        if (_place.Next != 0)
        {
            _link.Post(new RingItem(MessageType.RingBegin, -1, 0, FirstStep));
        }
    }

    /// <summary>The chief: asks every owner for its slots, and puts in what is here. Done once <see cref="AwaitedOwner"/> is -1.</summary>
    public void Ask(ParameterState into)
    {
        _memory.Save(into);
        lock (_link.Gate)
        {
            if (_place.Workers == 1 || _slots == 0)
            {
                return;
            }

            Array.Fill(_awaited, _layout.Buckets.Length * _slots, 1, _place.Workers - 1);
            _gathered = into;
            _link.Post(new RingItem(MessageType.RingGather, -1, 0, into.Step));
        }
    }

    /// <summary>Another worker: sends its slots, and passes the question on.</summary>
    public void Answer(FrameHeader header)
    {
        for (var bucket = 0; bucket < _layout.Buckets.Length; bucket++)
        {
            for (var part = 1; part <= _slots; part++)
            {
                _link.Post(Item(MessageType.RingState, bucket, _place.Worker, part, header.Step));
            }
        }

        if (_place.Next != 0)
        {
            _link.Post(new RingItem(MessageType.RingGather, -1, 0, header.Step));
        }
    }

    /// <summary>Slots on their way to the chief: taken there, passed on elsewhere.</summary>
    public void TakeState(FrameConnection previous, FrameHeader header, Action reserve)
    {
        if (_place.Worker != 0)
        {
            PassOn(previous, header, reserve);
            return;
        }

        var chunk = (int)header.Request;
        if (_gathered is null || _awaited[chunk] == 0 || header.Part == 0 || header.Part > _slots)
        {
            throw new TrainingException($"{previous.Peer} sent part {header.Part} of worker {chunk}'s optimizer state, which nobody asked for; run the same release everywhere");
        }

        reserve();
        var content = Relay(header.Slice, chunk);
        previous.ReceivePayload(header, content);
        _memory.Write(_gathered, header.Slice, chunk, header.Part, content);
        lock (_link.Gate)
        {
            _isRelaying = false;
            _awaited[chunk]--;
            Monitor.PulseAll(_link.Gate);
        }
    }

    /// <summary>Content of a posted part.</summary>
    public ReadOnlySpan<byte> Content(in RingItem item)
    {
        if (item.IsRelayed)
        {
            return Relay(item.Bucket, item.Chunk);
        }

        return item.Part == 0 ? _memory.Values(item.Bucket, item.Chunk) : _memory.Slot(item.Bucket, item.Part - 1);
    }

    /// <summary>Takes the memory for what is passed on, if it is free. The gate must be held.</summary>
    public bool TryReserve()
    {
        var isFree = !_isRelaying;
        _isRelaying = true;
        return isFree;
    }

    /// <summary>Frees the memory for what is passed on.</summary>
    public void PassedOn()
    {
        lock (_link.Gate)
        {
            _isRelaying = false;
            Monitor.PulseAll(_link.Gate);
        }
    }

    private void PassOn(FrameConnection previous, FrameHeader header, Action reserve)
    {
        reserve();
        previous.ReceivePayload(header, Relay(header.Slice, (int)header.Request));
        _link.Post(Item(header.Type, header.Slice, (int)header.Request, header.Part, header.Step) with { IsRelayed = true });
    }

    private RingItem Item(MessageType type, int bucket, int chunk, int part, long step) =>
        new(type, bucket, chunk, step) { Part = part, Worker = _place.Worker };

    private Span<byte> Relay(int bucket, int chunk)
    {
        _relay ??= GC.AllocateUninitializedArray<byte>(_layout.MaxChunkBytes, pinned: true);
        return _relay.AsSpan(0, _layout.Buckets[bucket].Chunks[chunk].Bytes);
    }
}
