namespace TaaS.Runtime.Tests.Simulation;

/// <summary>How bad the network is, drawn by the seed: from perfect to one that loses a frame in fifty.</summary>
internal sealed class SimulatedNetwork(Random random)
{
    private readonly double _dropRate = random.Next(3) == 0 ? 0 : random.NextDouble() * 0.02;
    private readonly double _duplicateRate = random.Next(3) == 0 ? 0 : random.NextDouble() * 0.2;
    private readonly double _jitter = random.Next(3) == 0 ? 0 : random.NextDouble() * 20;

    public double Delay() => 0.1 + _jitter * random.NextDouble();

    public bool Drops() => random.NextDouble() < _dropRate;

    public bool Duplicates() => random.NextDouble() < _duplicateRate;
}
