using System.Globalization;
using k8s.Models;
using TaaS.Jobs;

namespace TaaS.Kubernetes;

/// <summary>What a pod's labels, annotations and status say of its place in a gang.</summary>
internal static class PodMarks
{
    /// <summary>Annotation: flavor whose quota the pod uses.</summary>
    public const string Flavor = TrainingJob.Group + "/flavor";

    /// <summary>Annotation: which of the job's failures this pod's is. Written before the failure is counted, so that it is counted once.</summary>
    public const string Failure = TrainingJob.Group + "/failure";

    /// <summary>UID of the job that owns the pod; null for a stranger, whatever its labels say.</summary>
    public static string? JobUid(V1Pod? pod) =>
        pod?.Metadata.Labels is { } labels
        && labels.TryGetValue(PodNames.UidLabel, out var uid)
        && pod.Metadata.BelongsTo(uid)
            ? uid
            : null;

    public static string Role(V1Pod pod) => Label(pod, PodNames.RoleLabel) ?? "";

    public static int Index(V1Pod pod) => Number(Label(pod, PodNames.IndexLabel), -1);

    public static int Attempt(V1Pod pod) => Number(Label(pod, PodNames.AttemptLabel), 0);

    public static int FailureNumber(V1Pod pod) => Number(Annotation(pod, Failure), 0);

    public static string FlavorOf(V1Pod pod) => Annotation(pod, Flavor) ?? "";

    /// <summary>It has ended and holds nothing.</summary>
    public static bool IsTerminal(V1Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed";

    public static bool IsDeleting(V1Pod pod) => pod.Metadata.DeletionTimestamp is not null;

    public static bool IsBound(V1Pod pod) => !string.IsNullOrEmpty(pod.Spec?.NodeName);

    private static string? Label(V1Pod pod, string name) => pod.Metadata.Labels is { } labels && labels.TryGetValue(name, out var value) ? value : null;

    private static string? Annotation(V1Pod pod, string name) => pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(name, out var value) ? value : null;

    private static int Number(string? text, int fallback) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : fallback;
}
