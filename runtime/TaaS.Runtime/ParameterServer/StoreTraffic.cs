namespace TaaS.Runtime.ParameterServer;

/// <summary>What a worker has exchanged with its servers so far: payload without headers, pushes that were sent again included.</summary>
/// <param name="BytesPushed">Bytes of gradients sent, as compressed.</param>
/// <param name="BytesPulled">Bytes of parameters received, those for checkpoints included.</param>
public readonly record struct StoreTraffic(long BytesPushed, long BytesPulled);
