namespace TaaS.Benchmarks.Contenders;

/// <summary>A kernel computes something else; the message says what.</summary>
public sealed class WrongResultException(string message) : Exception(message);
