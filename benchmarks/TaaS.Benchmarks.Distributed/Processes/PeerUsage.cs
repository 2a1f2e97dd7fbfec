namespace TaaS.Benchmarks.Distributed.Processes;

/// <summary>What a process has used since it began.</summary>
/// <param name="AllocatedBytes">Managed bytes allocated, on all threads.</param>
/// <param name="ProcessorSeconds">Time on processors, user and kernel.</param>
internal sealed record PeerUsage(long AllocatedBytes, double ProcessorSeconds)
{
    /// <summary>Of this process.</summary>
    internal static PeerUsage Current => new(GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage.TotalTime.TotalSeconds);

    /// <summary>What was used between two moments.</summary>
    public static PeerUsage operator -(PeerUsage later, PeerUsage earlier) =>
        new(later.AllocatedBytes - earlier.AllocatedBytes, later.ProcessorSeconds - earlier.ProcessorSeconds);
}
