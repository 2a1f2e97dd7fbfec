namespace TaaS.Benchmarks.Distributed;

/// <summary>A peer did not start or answer, or brought a wrong result; no figure comes of it.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
