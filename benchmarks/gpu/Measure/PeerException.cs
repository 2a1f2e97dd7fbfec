namespace TaaS.Benchmarks.Gpu.Measure;

/// <summary>PyTorch cannot take part, or cannot do one case; the message says why.</summary>
public sealed class PeerException(string message) : Exception(message);
