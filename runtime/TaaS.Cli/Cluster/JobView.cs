using System.Globalization;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Cli.Cluster;

/// <summary>A job of a cluster as tables show it; one whose spec cannot be read is shown as well, with the reason.</summary>
/// <param name="Spec">Its spec; null where it cannot be read.</param>
/// <param name="Problem">Why it cannot.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Created">When it was made.</param>
internal sealed record JobView(TrainingJobSpec? Spec, string? Problem, TrainingJobStatus Status, DateTimeOffset? Created)
{
    public string Queue => Spec?.Queue ?? "";

    /// <summary>Code of where it stands; nothing before the operator has seen it.</summary>
    public string Reason => Status.Reason ?? (Problem is null ? "" : Jobs.Reason.InvalidSpec);

    /// <summary>The same in words.</summary>
    public string Message => Status.Message ?? Problem ?? "";

    /// <summary>Pods that are ready, of all that there should be.</summary>
    public string Ready => Spec is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{Status.ReadyReplicas.Values.Sum()}/{Spec.Replicas.Values.Sum(static replica => replica.Count)}");

    public static JobView Of(TrainingJobResource job)
    {
        var created = job.Metadata.CreationTimestamp is { } time ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)) : (DateTimeOffset?)null;
        var status = job.ReadStatus();
        try
        {
            return new JobView(job.Read().Spec, null, status, created);
        }
        catch (JobException error)
        {
            return new JobView(null, error.Message, status, created);
        }
    }
}
