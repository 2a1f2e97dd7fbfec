using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Runtime;
using TaaS.Scheduling;
using TaaS.Scheduling.Model;

namespace TaaS.Cli.Cluster;

/// <summary>What the scheduler would do with a job if it were submitted now.</summary>
/// <param name="Name">Name of the job.</param>
/// <param name="Admission">Where it would start; null where it would wait.</param>
/// <param name="Verdict">Why it would wait; null where it would start.</param>
/// <param name="Stopped">Names of the jobs that would be stopped for it, and why.</param>
internal sealed record DryRun(string Name, Admission? Admission, Verdict? Verdict, IReadOnlyList<(string Job, string Why)> Stopped)
{
    // No object of a cluster has it.
    private const string Uid = "dry-run";

    /// <summary>Asks the scheduler with the operator's own options.</summary>
    public static DryRun Of(ClusterObjects objects, TrainingJobResource resource, DateTimeOffset now)
    {
        resource.Metadata.Uid = Uid;
        resource.Status = JsonSerializer.Deserialize<JsonElement>(new TrainingJobStatus { SubmitTime = now }.ToJson());
        var snapshot = SnapshotBuilder.Build(objects with { Jobs = [.. objects.Jobs, resource] }, now, SubmitterStamp.Noted);
        var pass = new Scheduler(new SchedulerOptions()).Decide(snapshot);
        var names = snapshot.Gangs.ToDictionary(static gang => gang.Id, static gang => gang.Name, StringComparer.Ordinal);
        return new DryRun(
            resource.Metadata.Name,
            pass.Admitted.FirstOrDefault(static admission => admission.GangId == Uid),
            pass.Waiting.FirstOrDefault(static verdict => verdict.GangId == Uid),
            [.. pass.Preempted.Where(static preemption => preemption.ForGangId == Uid).Select(preemption => (names[preemption.GangId], preemption.Message))]);
    }

    /// <summary>What the command ends with: a job that could never start is refused.</summary>
    public int Code => Verdict is { IsFinal: true } ? ExitCode.Failed : ExitCode.Success;

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["job"] = Name,
            ["wouldStart"] = Admission is not null,
            ["placement"] = new JsonArray([.. (Admission?.Placement.Pods ?? []).Select(pod => (JsonNode)new JsonObject
            {
                ["pod"] = PodNames.Pod(Name, pod.Role, pod.Index),
                ["role"] = pod.Role,
                ["index"] = pod.Index,
                ["node"] = pod.Node,
                ["flavor"] = pod.Flavor,
            })]),
            ["backfill"] = Admission?.IsBackfill ?? false,
            ["borrowing"] = Admission?.IsBorrowing ?? false,
            ["wouldStop"] = new JsonArray([.. Stopped.Select(static stopped => (JsonNode)new JsonObject { ["job"] = stopped.Job, ["message"] = stopped.Why })]),
        };
        if (Verdict is { } verdict)
        {
            json["reason"] = verdict.Reason.ToString();
            json["message"] = verdict.Message;
            json["queuePosition"] = verdict.Position;
            json["earliestStart"] = verdict.EarliestStart is { } earliest ? KubernetesTimeConverter.Format(earliest) : null;
            json["nodesByCause"] = new JsonObject(verdict.NodesByCause.Select(static cause => KeyValuePair.Create(cause.Key, (JsonNode?)cause.Value)));
            json["never"] = verdict.IsFinal;
        }

        return json;
    }

    public void Show(DateTimeOffset now)
    {
        if (Admission is { } admission)
        {
            Console.WriteLine($"{Name} would start now{(admission.IsBackfill ? ", ahead of others without delaying them" : "")}{(admission.IsBorrowing ? ", with quota borrowed from others who may take it back" : "")}:");
            var table = Output.Table("POD", "NODE", "FLAVOR");
            foreach (var pod in admission.Placement.Pods)
            {
                Output.Row(table, PodNames.Pod(Name, pod.Role, pod.Index), pod.Node, pod.Flavor);
            }

            Output.Show(table);
        }
        else if (Verdict is { } verdict)
        {
            Console.WriteLine($"{Name} {(verdict.IsFinal ? "cannot start" : "would wait")} ({verdict.Reason}): {verdict.Message}");
            if (verdict.Position > 0)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"place in the queue: {verdict.Position}"));
            }

            if (verdict.EarliestStart is { } earliest)
            {
                Console.WriteLine($"earliest start: {KubernetesTimeConverter.Format(earliest)}, in {Age.Of(earliest - now)}");
            }

            if (verdict.NodesByCause.Count > 0)
            {
                Console.WriteLine($"nodes that do not fit: {string.Join(", ", verdict.NodesByCause.OrderByDescending(static cause => cause.Value).ThenBy(static cause => cause.Key, StringComparer.Ordinal).Select(static cause => string.Create(CultureInfo.InvariantCulture, $"{cause.Value} {cause.Key}")))}");
            }
        }

        foreach (var (job, why) in Stopped)
        {
            Console.WriteLine($"{job} would be stopped: {why}");
        }
    }
}
