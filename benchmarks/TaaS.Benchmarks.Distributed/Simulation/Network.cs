namespace TaaS.Benchmarks.Distributed.Simulation;

/// <summary>One direction of a line: bytes leave it one after the other.</summary>
internal sealed class Line
{
    /// <summary>When it has nothing more to carry.</summary>
    internal double FreeAt { get; set; }
}

/// <summary>Lines between machines: a message occupies the sender's outgoing and the receiver's incoming line for its length, cut through, and is late by the latency.</summary>
internal sealed class Network(EventQueue events, double bytesPerSecond, double latency)
{
    /// <summary>Bytes carried.</summary>
    internal long Carried { get; private set; }

    /// <summary>Carries a message; several messages between the same two lines keep their order.</summary>
    internal void Carry(int bytes, Line from, Line to, Action arrived)
    {
        var length = bytes / bytesPerSecond;
        var leaves = Math.Max(events.Now, from.FreeAt);
        from.FreeAt = leaves + length;
        var enters = Math.Max(leaves + latency, to.FreeAt);
        to.FreeAt = enters + length;
        Carried += bytes;
        events.At(to.FreeAt, arrived);
    }
}
