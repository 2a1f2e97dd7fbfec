namespace TaaS.Cli.Cluster;

/// <summary>A cluster does not do what was asked of it; the message says why and what helps.</summary>
internal sealed class ClusterException(string message, int exitCode) : Exception(message)
{
    /// <summary>What the command ends with.</summary>
    public int ExitCode { get; } = exitCode;
}
