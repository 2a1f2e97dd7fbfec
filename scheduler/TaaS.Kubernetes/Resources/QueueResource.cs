using TaaS.Jobs;

namespace TaaS.Kubernetes;

/// <summary>A queue on a cluster.</summary>
public sealed class QueueResource : CustomResource
{
    private readonly Lazy<Queue> _queue;
    private readonly Lazy<QueueStatus> _status;

    /// <summary>Makes an empty one.</summary>
    public QueueResource()
    {
        Kind = Queue.Kind;
        _queue = new(() => Queue.FromSpec(Metadata.Name, Spec));
        _status = new(() => StatusAs(QueueStatus.FromJson));
    }

    /// <summary>The queue as the same text in a file would be read.</summary>
    /// <exception cref="JobException">The spec does not hold.</exception>
    public Queue Read() => _queue.Value;

    /// <summary>How it stands; that of a new queue where there is no status, or none that can be read.</summary>
    public QueueStatus ReadStatus() => _status.Value;
}
