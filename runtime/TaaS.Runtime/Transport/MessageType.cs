namespace TaaS.Runtime.Transport;

/// <summary>What a frame carries. The numbers are the wire format; never reuse one.</summary>
internal enum MessageType : ushort
{
    /// <summary>Server → client: a nonce to prove the secret with.</summary>
    Challenge = 1,

    /// <summary>Client → server: who it is, with its proof.</summary>
    Hello = 2,

    /// <summary>Server → client: accepted, with the server's own proof.</summary>
    Welcome = 3,

    /// <summary>Either way: the peer ends the conversation; the payload says why in UTF-8.</summary>
    Abort = 4,

    /// <summary>Either way: still here. No payload.</summary>
    Heartbeat = 5,

    /// <summary>Client → server: the parameters of the model (JSON).</summary>
    Register = 6,

    /// <summary>Server → client: an order was carried out. No payload.</summary>
    Done = 7,

    /// <summary>Client → server: content of a part of a slice at the start of a generation. Step is the update count.</summary>
    Initialize = 8,

    /// <summary>Client → server: everything was initialised; release those who wait. Step is the first of the generation.</summary>
    InitializeDone = 9,

    /// <summary>Client → server: a gradient; answered by <see cref="Parameters"/>.</summary>
    Push = 10,

    /// <summary>Client → server: asks for the values of a slice in any generation but the given one; answered by <see cref="Parameters"/>.</summary>
    Pull = 11,

    /// <summary>
    /// Server → client: a part of a slice. Step is where this worker goes on; in answer to <see cref="Snapshot"/> the update count.
    /// Worker is -1 in answer to one who must <see cref="Join"/> before it pushes.
    /// </summary>
    Parameters = 12,

    /// <summary>Client → server: this worker goes; nobody waits for it any more.</summary>
    Leave = 13,

    /// <summary>Client → server: this worker has made all its steps; answered when the chief has left.</summary>
    Finish = 14,

    /// <summary>Client → server: asks for a part of a slice when all updates before a step are in; answered by <see cref="Parameters"/>.</summary>
    Snapshot = 15,

    /// <summary>Client → server: asks for the values of a slice when every other worker has finished; answered by <see cref="Parameters"/>.</summary>
    PullFinal = 16,

    /// <summary>Client → server: this worker pushes from a step on; answered by <see cref="Done"/> with that step, or a later one to ask for.</summary>
    Join = 17,

    /// <summary>Client → server: this generation cannot go on exactly; the chief shall begin another from the last checkpoint.</summary>
    Abandon = 18,

    /// <summary>Server → client: the question's generation is over, or this server lost its memory. No payload.</summary>
    WentBack = 19,

    /// <summary>Server → client: not now; the client may try again. The payload says why in UTF-8.</summary>
    Busy = 20,

    /// <summary>Client → server: what it runs, in UTF-8, after both have proved that they know the secret; answered by <see cref="Done"/>.</summary>
    Job = 21,

    /// <summary>Worker → next worker: the sum of a chunk's gradients so far. Slice is the bucket, request the chunk, part the number of gradients in it; no payload for a sum of none.</summary>
    RingSum = 40,

    /// <summary>Worker → next worker: fresh values of a chunk, on their way from its owner.</summary>
    RingValues = 41,

    /// <summary>Worker → next worker: a part of a chunk at the start, on its way from the chief. Step is the update count.</summary>
    RingInitialize = 42,

    /// <summary>Worker → next worker: everything was initialised; training begins at the step. No payload.</summary>
    RingBegin = 43,

    /// <summary>Worker → next worker: the chief asks for optimizer slots. No payload.</summary>
    RingGather = 44,

    /// <summary>Worker → next worker: an optimizer slot of a chunk, on its way to the chief.</summary>
    RingState = 45,

    /// <summary>Worker → next worker: a worker has left. No payload.</summary>
    RingLeave = 46,
}
