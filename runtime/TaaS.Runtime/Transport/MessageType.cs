namespace TaaS.Runtime.Transport;

/// <summary>What a frame carries. The numbers are the wire format; never reuse one.</summary>
internal enum MessageType : ushort
{
    /// <summary>Server → client: a nonce to prove the secret with.</summary>
    Challenge = 1,

    /// <summary>Client → server: who it is, what it runs, and the proof.</summary>
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

    /// <summary>Client → server: content of a part of a slice at the start. Step is the update count.</summary>
    Initialize = 8,

    /// <summary>Client → server: everything was initialised; release those who wait.</summary>
    InitializeDone = 9,

    /// <summary>Client → server: a gradient; answered by <see cref="Parameters"/>.</summary>
    Push = 10,

    /// <summary>Client → server: asks for a part of a slice; answered by <see cref="Parameters"/>.</summary>
    Pull = 11,

    /// <summary>Server → client: a part of a slice. Step is the update count.</summary>
    Parameters = 12,

    /// <summary>Client → server: this worker has finished.</summary>
    Leave = 13,
}
