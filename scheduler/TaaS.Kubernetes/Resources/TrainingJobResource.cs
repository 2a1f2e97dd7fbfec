using System.Text.Json;
using TaaS.Jobs;

namespace TaaS.Kubernetes;

/// <summary>A training job on a cluster.</summary>
public sealed class TrainingJobResource : CustomResource
{
    private readonly Lock _lock = new();
    private TrainingJob? _job;
    private JobException? _problem;
    private TrainingJobStatus? _status;

    /// <summary>Makes an empty one.</summary>
    public TrainingJobResource() => Kind = TrainingJob.Kind;

    /// <summary>The job as the same text in a file would be read.</summary>
    /// <exception cref="JobException">The spec cannot be run as written.</exception>
    public TrainingJob Read()
    {
        lock (_lock)
        {
            if (_job is null && _problem is null)
            {
                try
                {
                    _job = TrainingJob.FromSpec(Metadata.Name, Spec);
                }
                catch (JobException problem)
                {
                    _problem = problem;
                }
            }

            return _job ?? throw new JobException(_problem!.Problems);
        }
    }

    /// <summary>Where it stands; that of a new job where there is none, or none that can be read.</summary>
    public TrainingJobStatus ReadStatus()
    {
        lock (_lock)
        {
            return _status ??= Parse();
        }

        TrainingJobStatus Parse()
        {
            try
            {
                return Status is { ValueKind: JsonValueKind.Object } json ? TrainingJobStatus.FromJson(json) : new TrainingJobStatus();
            }
            catch (JsonException)
            {
                // Somebody wrote nonsense there; the operator writes what is true.
                return new TrainingJobStatus();
            }
        }
    }
}
