namespace TaaS.Benchmarks.Peers;

/// <summary>A peer cannot take part; the message says why and what to do.</summary>
public sealed class PeerException(string message, Exception? inner = null) : Exception(message, inner);
