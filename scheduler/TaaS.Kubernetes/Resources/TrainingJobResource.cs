using TaaS.Jobs;

namespace TaaS.Kubernetes;

/// <summary>A training job on a cluster.</summary>
public sealed class TrainingJobResource : CustomResource
{
    private readonly Lazy<TrainingJob> _job;
    private readonly Lazy<TrainingJobStatus> _status;

    /// <summary>Makes an empty one.</summary>
    public TrainingJobResource()
    {
        Kind = TrainingJob.Kind;
        _job = new(() => TrainingJob.FromSpec(Metadata.Name, Spec));
        _status = new(() => StatusAs(TrainingJobStatus.FromJson));
    }

    /// <summary>The job as the same text in a file would be read.</summary>
    /// <exception cref="JobException">The spec cannot be run as written.</exception>
    public TrainingJob Read() => _job.Value;

    /// <summary>Where it stands; that of a new job where there is none, or none that can be read.</summary>
    public TrainingJobStatus ReadStatus() => _status.Value;
}
