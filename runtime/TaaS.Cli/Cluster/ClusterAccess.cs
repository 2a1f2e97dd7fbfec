using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Runtime;

namespace TaaS.Cli.Cluster;

/// <summary>A cluster, and the namespace that a command works in.</summary>
internal sealed class ClusterAccess(ApiConnection connection, string space) : IDisposable
{
    /// <summary>What can be asked of it.</summary>
    public ApiClient Client { get; } = new(connection);

    /// <summary>The namespace.</summary>
    public string Namespace { get; } = space;

    /// <summary>A job of the namespace.</summary>
    /// <exception cref="ClusterException">There is none of this name; the message names the nearest.</exception>
    public async Task<TrainingJobResource> JobAsync(string name, CancellationToken cancel)
    {
        if (await Client.FindAsync(ResourceKinds.TrainingJobs, Namespace, name, cancel) is { } job)
        {
            return job;
        }

        var others = await Client.ListAsync(ResourceKinds.TrainingJobs, Namespace, cancel: cancel);
        throw new ClusterException($"there is no job {name} in namespace {Namespace}; {NameHint.For(name, [.. others.Items.Select(static other => other.Metadata.Name)])}", ExitCode.Failed);
    }

    public void Dispose() => connection.Dispose();
}
