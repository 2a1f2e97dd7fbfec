using k8s.Models;

namespace TaaS.Operator;

/// <summary>Whose fault the end of a pod was, and what happened, in words.</summary>
/// <param name="IsInfrastructure">True where the cluster ended it: costs the user no retry.</param>
/// <param name="IsNodeAtFault">True where the kubelet turned the pod down: the node is left out.</param>
/// <param name="Message">What happened.</param>
/// <param name="ExitCode">What the program ended with, where it ended by itself.</param>
internal sealed record PodFailure(bool IsInfrastructure, bool IsNodeAtFault, string Message, int? ExitCode = null)
{
    /// <summary>The kubelet turned the pod down, though the plan said there was room.</summary>
    private static readonly HashSet<string> Refusals = new(StringComparer.Ordinal)
    {
        "UnexpectedAdmissionError", "NodeAffinity", "NodeSelectorMismatching", "InsufficientResourceError", "TopologyAffinityError", "UnsupportedPodSpec", "InitialTopologyError",
    };

    /// <summary>The cluster ended it.</summary>
    private static readonly HashSet<string> Evictions = new(StringComparer.Ordinal)
    {
        "Evicted", "Preempting", "Preempted", "NodeLost", "NodeShutdown", "Shutdown", "Terminated", "Deleted",
    };

    /// <summary>Reads the end of a pod that failed.</summary>
    public static PodFailure Of(V1Pod pod)
    {
        var where = $"pod {pod.Metadata.Name} on node {pod.Spec.NodeName}";
        var status = pod.Status;
        if (status.Reason is { Length: > 0 } reason)
        {
            if (reason.StartsWith("OutOf", StringComparison.Ordinal) || Refusals.Contains(reason))
            {
                return new PodFailure(true, true, $"{where} was turned down: {reason}{Words(status.Message)}");
            }

            if (Evictions.Contains(reason))
            {
                return new PodFailure(true, false, $"{where} was stopped by the cluster: {reason}{Words(status.Message)}");
            }
        }

        if (status.Conditions?.FirstOrDefault(static condition => condition is { Type: "DisruptionTarget", Status: "True" }) is { } disruption)
        {
            return new PodFailure(true, false, $"{where} was stopped by the cluster: {disruption.Reason}{Words(disruption.Message)}");
        }

        return OfContainers(pod, where);
    }

    private static PodFailure OfContainers(V1Pod pod, string where)
    {
        var ended = (pod.Status.InitContainerStatuses ?? []).Concat(pod.Status.ContainerStatuses ?? [])
            .Select(static container => container.State?.Terminated)
            .FirstOrDefault(static state => state is not null && state.ExitCode != 0);
        return ended switch
        {
            null => new PodFailure(true, false, $"{where} failed and left no exit code{Words(pod.Status.Message)}"),
            // The kubelet lost the container, as after a restart of its machine.
            { Reason: "ContainerStatusUnknown" } => new PodFailure(true, false, $"{where} was lost by its kubelet{Words(ended.Message)}"),
            { Reason: "OOMKilled" } => new PodFailure(false, false, $"{where} used more memory than its limit (OOMKilled)"),
            _ => new PodFailure(false, false, $"{where} ended with exit code {ended.ExitCode}{(ended.Reason is null or "Error" ? "" : $" ({ended.Reason})")}{Words(LastLine(ended.Message))}", ended.ExitCode),
        };
    }

    // Where a program left no message, the kubelet puts the end of its log there. What it died of stands last; a stack trace below that is indented.
    private static string? LastLine(string? log) =>
        log?.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault(static line => !char.IsWhiteSpace(line[0]));

    private static string Words(string? message) => string.IsNullOrWhiteSpace(message) ? "" : $": {message.Trim().ReplaceLineEndings(" ")}";
}
