using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using TaaS.Cli.Cluster;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Runtime;

namespace TaaS.Cli.Commands;

/// <summary><c>taas get</c>: jobs of a cluster.</summary>
internal static class GetCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("job") { Description = "Name of a job; default: all of the namespace.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all-namespaces", "-A") { Description = "Jobs of every namespace." };
        var command = new Command("get", "Show the jobs of a cluster.") { name, all };
        var cluster = new ClusterOptions(command);
        var output = new Output(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var access = cluster.Open(parsed);
            var jobs = parsed.GetValue(name) is { } one
                ? [await access.JobAsync(one, cancel)]
                : (await access.Client.ListAsync(ResourceKinds.TrainingJobs, parsed.GetValue(all) ? null : access.Namespace, cancel: cancel)).Items;
            output.Write(parsed, parsed.GetValue(name) is null ? List(jobs) : Node(jobs[0]), () => Show(jobs, parsed.GetValue(all), access.Namespace));
            return ExitCode.Success;
        });
        return command;
    }

    private static JsonObject List(IEnumerable<TrainingJobResource> jobs) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "List",
        ["items"] = new JsonArray([.. jobs.Select(Node)]),
    };

    /// <summary>A job as programs read it.</summary>
    public static JsonNode Node(TrainingJobResource job)
    {
        // Who wrote which field is the API server's business, and longer than all the rest.
        job.Metadata.ManagedFields = null;
        return JsonNode.Parse(KubernetesJson.Serialize(job))!;
    }

    private static void Show(IList<TrainingJobResource> jobs, bool isEverywhere, string space)
    {
        if (jobs.Count == 0)
        {
            Console.Error.WriteLine(isEverywhere ? "taas: there are no jobs" : $"taas: there are no jobs in namespace {space}");
            return;
        }

        var now = TimeProvider.System.GetUtcNow();
        var table = Output.Table([.. isEverywhere ? ["NAMESPACE"] : Array.Empty<string>(), "NAME", "QUEUE", "PHASE", "READY", "RESTARTS", "AGE", "REASON"]);
        foreach (var job in jobs.OrderBy(static job => job.Metadata.NamespaceProperty, StringComparer.Ordinal).ThenBy(static job => job.Metadata.Name, StringComparer.Ordinal))
        {
            var view = JobView.Of(job);
            Output.Row(
                table,
                [
                    .. isEverywhere ? [job.Metadata.NamespaceProperty] : Array.Empty<string>(),
                    job.Metadata.Name,
                    view.Queue,
                    view.Status.Phase.ToString(),
                    view.Ready,
                    view.Status.Restarts.ToString(CultureInfo.InvariantCulture),
                    Age.Since(view.Created, now),
                    view.Reason,
                ]);
        }

        Output.Show(table);
    }
}
