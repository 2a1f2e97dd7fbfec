using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using TaaS.Cli.Cluster;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Runtime;
using TaaS.Scheduling.Model;

namespace TaaS.Cli.Commands;

/// <summary><c>taas top nodes</c>: what pods have been given of each node.</summary>
internal static class TopNodesCommand
{
    private const string Product = "nvidia.com/gpu.product";

    public static Command Create()
    {
        var command = new Command("nodes", "Show the nodes of a cluster: what pods were given of each, by request.");
        var cluster = new ClusterOptions(command, isNamespaced: false);
        var output = new Output(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var access = cluster.Open(parsed);
            var nodes = await access.Client.ListAsync(ResourceKinds.Nodes, null, cancel: cancel);
            var pods = await access.Client.ListAsync(ResourceKinds.Pods, null, fieldSelector: SnapshotReader.LivePods, cancel: cancel);
            // With no jobs in it, all pods count as others'.
            var snapshot = SnapshotBuilder.Build(ClusterObjects.Of([.. nodes.Items], [.. pods.Items], [], [], []), TimeProvider.System.GetUtcNow(), SubmitterStamp.Noted);
            Node[] rows = [.. snapshot.Nodes.OrderBy(static node => node.Name, StringComparer.Ordinal)];
            output.Write(parsed, new JsonObject { ["nodes"] = new JsonArray([.. rows.Select(ToJson)]) }, () => Show(rows));
            return ExitCode.Success;
        });
        return command;
    }

    private static void Show(Node[] nodes)
    {
        if (nodes.Length == 0)
        {
            Console.Error.WriteLine("taas: the cluster has no nodes");
            return;
        }

        string[] devices = [.. nodes.SelectMany(static node => node.Allocatable.Amounts.Keys).Where(ResourceName.IsExtended).Distinct().Order(StringComparer.Ordinal)];
        var table = Output.Table(["NAME", "STATE", .. devices.Select(static device => device.ToUpperInvariant()), "CPU", "MEMORY", "PODS", "GPU PRODUCT", "TAINTS"]);
        foreach (var node in nodes)
        {
            Output.Row(
                table,
                [
                    node.Name,
                    State(node),
                    .. devices.Select(device => node.Allocatable[device] == 0 && node.UsedByOthers[device] == 0 ? "-" : Of(node, device)),
                    Of(node, ResourceName.Cpu),
                    Of(node, ResourceName.Memory),
                    Of(node, "pods"),
                    node.Labels.GetValueOrDefault(Product) ?? "-",
                    node.Taints.Count > 0 ? string.Join(", ", node.Taints.Select(static taint => $"{taint.Key}{(taint.Value.Length > 0 ? $"={taint.Value}" : "")}:{taint.Effect}")) : "-",
                ]);
        }

        Output.Show(table);
    }

    private static string State(Node node) => (node.IsReady, node.IsUnschedulable) switch
    {
        (false, _) => "not ready",
        (_, true) => "cordoned",
        _ => "ready",
    };

    private static string Of(Node node, string resource) => $"{Amount(resource, node.UsedByOthers[resource])}/{Amount(resource, node.Allocatable[resource])}";

    private static string Amount(string resource, long amount) => resource switch
    {
        ResourceName.Memory when amount > 0 => string.Create(CultureInfo.InvariantCulture, $"{amount / 1073741824.0:0.#}Gi"),
        _ => ((double)amount / (double)ResourceList.Scale(resource)).ToString("0.#", CultureInfo.InvariantCulture),
    };

    private static JsonNode ToJson(Node node) => new JsonObject
    {
        ["name"] = node.Name,
        ["ready"] = node.IsReady,
        ["unschedulable"] = node.IsUnschedulable,
        ["gpuProduct"] = node.Labels.GetValueOrDefault(Product),
        ["taints"] = new JsonArray([.. node.Taints.Select(static taint => (JsonNode)new JsonObject { ["key"] = taint.Key, ["value"] = taint.Value, ["effect"] = taint.Effect })]),
        ["requested"] = Amounts(node.UsedByOthers),
        ["allocatable"] = Amounts(node.Allocatable),
    };

    private static JsonObject Amounts(ResourceList resources) =>
        new(resources.Amounts.OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => KeyValuePair.Create(entry.Key, (JsonNode?)(entry.Value / ResourceList.Scale(entry.Key)))));
}
