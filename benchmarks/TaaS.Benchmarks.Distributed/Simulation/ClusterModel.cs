namespace TaaS.Benchmarks.Distributed.Simulation;

/// <summary>What a cluster is made of, as far as the cost of a step depends on it.</summary>
internal sealed record ClusterModel
{
    /// <summary>Processors of each machine.</summary>
    public required int Processors { get; init; }

    /// <summary>True where all roles run on one machine, over its loopback; false where each has its own.</summary>
    public required bool IsOneMachine { get; init; }

    /// <summary>Bytes a second of a line, each way: of each machine, or of each connection on one machine. Infinite where processors are all that limits.</summary>
    public double LineBytesPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>Seconds until the other side notices that something has come.</summary>
    public double LatencySeconds { get; init; }

    /// <summary>Processor seconds that a message costs each side, whatever its size.</summary>
    public double MessageSeconds { get; init; }

    /// <summary>Processor seconds that a byte costs each side: copies between kernel and program, and the checksum.</summary>
    public double ByteSeconds { get; init; }

    /// <summary>Processor seconds of an update for a byte of parameters; adding up two gradients costs the same.</summary>
    public double UpdateByteSeconds { get; init; }

    /// <summary>Messages travel in pieces of so many bytes: while one is sent, the piece before is received.</summary>
    public int PieceBytes { get; init; } = 256 * 1024;
}
