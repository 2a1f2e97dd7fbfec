using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Allreduce;

/// <summary>What a ring's frames mean; the line itself is <see cref="RingLink"/>.</summary>
internal interface IRingTraffic
{
    /// <summary>Takes a frame from the worker before, payload included. Called by one thread.</summary>
    /// <exception cref="TrainingException">The frame has no place here.</exception>
    void Take(FrameConnection previous, FrameHeader header);

    /// <summary>Does what was posted. Called by one thread, in the order of posting.</summary>
    /// <param name="item">What was posted.</param>
    /// <param name="next">Line to the next worker; null where there is no other.</param>
    /// <exception cref="TransportException">The next worker is lost.</exception>
    void Send(RingItem item, FrameConnection? next);
}
