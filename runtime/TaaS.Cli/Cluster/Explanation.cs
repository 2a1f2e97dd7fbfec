using System.Globalization;
using System.Text.Json.Nodes;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Cli.Cluster;

/// <summary>Why a job is where it is: the operator's own record of its last decision, and how the job's queue stands.</summary>
/// <param name="Name">Name of the job.</param>
/// <param name="Job">The job.</param>
/// <param name="Queue">Its queue; null where there is none or it cannot be read.</param>
/// <param name="QueueStatus">How the queue stands.</param>
internal sealed record Explanation(string Name, JobView Job, Queue? Queue, QueueStatus QueueStatus)
{
    private TrainingJobStatus Status => Job.Status;

    public static async Task<Explanation> OfAsync(ClusterAccess access, string name, CancellationToken cancel)
    {
        var job = JobView.Of(await access.JobAsync(name, cancel));
        var queue = job.Spec is { } spec ? await access.Client.FindAsync(ResourceKinds.Queues, null, spec.Queue, cancel) : null;
        try
        {
            return new Explanation(name, job, queue?.Read(), queue?.ReadStatus() ?? new QueueStatus());
        }
        catch (JobException)
        {
            // The queue's own condition says what is wrong with it.
            return new Explanation(name, job, null, new QueueStatus());
        }
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["job"] = Name,
            ["phase"] = Status.Phase.ToString(),
            ["reason"] = Job.Reason,
            ["message"] = Message,
            ["attempt"] = Status.Attempt,
            ["restarts"] = Status.Restarts,
            ["infrastructureFailures"] = Status.InfrastructureFailures,
        };
        if (Status.QueuePosition is { } position)
        {
            json["queuePosition"] = position;
        }

        if (Status.EarliestStart is { } earliest)
        {
            json["earliestStart"] = KubernetesTimeConverter.Format(earliest);
        }

        if (Status.NotBefore is { } notBefore)
        {
            json["notBefore"] = KubernetesTimeConverter.Format(notBefore);
        }

        json["nodesByCause"] = new JsonObject(Status.NodesByCause.Select(static cause => KeyValuePair.Create(cause.Key, (JsonNode?)cause.Value)));
        json["excludedNodes"] = new JsonArray([.. Status.ExcludedNodes.Select(static node => (JsonNode)new JsonObject { ["node"] = node.Node, ["reason"] = node.Reason })]);
        json["placement"] = new JsonArray([.. Status.Placement.Select(static pod => (JsonNode)new JsonObject { ["role"] = pod.Role, ["index"] = pod.Index, ["node"] = pod.Node, ["flavor"] = pod.Flavor })]);
        json["queue"] = Queue is null ? null : new JsonObject
        {
            ["name"] = Queue.Name,
            ["waiting"] = QueueStatus.Waiting,
            ["running"] = QueueStatus.Running,
            ["quotas"] = new JsonArray([.. QuotaUse.Of(Queue, QueueStatus).Select(static use => (JsonNode)use.ToJson())]),
        };
        return json;
    }

    /// <summary>The same in lines, the answer first.</summary>
    public IEnumerable<string> Lines(DateTimeOffset now)
    {
        yield return $"{Name} is {Status.Phase}{(Job.Reason.Length > 0 ? $" ({Job.Reason})" : "")}: {Message}";
        if (Status.QueuePosition is > 0)
        {
            yield return Text($"place in queue {Job.Queue}: {Status.QueuePosition}");
        }

        if (Status.EarliestStart is { } earliest)
        {
            yield return $"earliest start: {KubernetesTimeConverter.Format(earliest)}{(earliest > now ? $", in {Age.Of(earliest - now)}" : "")}";
        }

        if (Status.NotBefore is { } notBefore && notBefore > now)
        {
            yield return $"next attempt: not before {KubernetesTimeConverter.Format(notBefore)}, in {Age.Of(notBefore - now)}";
        }

        if (Status.NodesByCause.Count > 0)
        {
            yield return $"nodes that do not fit: {string.Join(", ", Status.NodesByCause.OrderByDescending(static cause => cause.Value).ThenBy(static cause => cause.Key, StringComparer.Ordinal).Select(static cause => Text($"{cause.Value} {cause.Key}")))}";
        }

        foreach (var excluded in Status.ExcludedNodes)
        {
            yield return $"left out: node {excluded.Node}, {excluded.Reason}";
        }

        if (Status.Placement.Count > 0)
        {
            yield return Text($"attempt {Status.Attempt} on {string.Join(", ", Status.Placement.GroupBy(static pod => pod.Node).OrderBy(static node => node.Key, StringComparer.Ordinal).Select(Pods))}");
        }

        if (Status.Restarts > 0 || Status.InfrastructureFailures > 0)
        {
            yield return Text($"failures: {Status.Restarts} of the program (of {Job.Spec?.Policy.BackoffLimit} allowed), {Status.InfrastructureFailures} of the cluster");
        }

        if (Queue is not null)
        {
            yield return Text($"queue {Queue.Name}: {QueueStatus.Waiting} waiting, {QueueStatus.Running} running");
            foreach (var flavor in QuotaUse.Of(Queue, QueueStatus).GroupBy(static use => use.Flavor))
            {
                yield return $"  {flavor.Key}: {string.Join(", ", flavor)}";
            }
        }
    }

    private string Message => Job.Message.Length > 0 ? Job.Message : "the operator has not looked at it yet; if that lasts, see whether it runs: kubectl get pods --namespace taas-system";

    private static string Pods(IGrouping<string, PodAssignment> node) =>
        $"{node.Key} ({string.Join(", ", node.GroupBy(static pod => pod.Role).Select(static role => Text($"{role.Count()} {role.Key}")))})";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
