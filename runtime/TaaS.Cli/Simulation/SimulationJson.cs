using System.Text.Json;
using System.Text.Json.Nodes;
using TaaS.Scheduling.Simulation;

namespace TaaS.Cli.Simulation;

/// <summary>Results as JSON: an object a policy, times in seconds, parts from 0 to 1.</summary>
internal static class SimulationJson
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static string Write(string trace, IReadOnlyList<SimulationResult> results) => new JsonObject
    {
        ["trace"] = trace,
        ["results"] = new JsonArray([.. results.Select(Result)]),
    }.ToJsonString(Options);

    private static JsonNode Result(SimulationResult result) => new JsonObject
    {
        ["policy"] = result.Policy,
        ["jobs"] = result.Jobs,
        ["finished"] = result.Finished,
        ["refused"] = JsonSerializer.SerializeToNode(result.Refused),
        ["stuck"] = JsonSerializer.SerializeToNode(result.Stuck),
        ["makespanSeconds"] = result.Makespan.TotalSeconds,
        ["gpuUtilisation"] = result.GpuUtilisation,
        ["gpuUtilisationWhileSubmitting"] = result.GpuUtilisationWhileSubmitting,
        ["cpuUtilisation"] = result.CpuUtilisation,
        ["waitSeconds"] = JsonSerializer.SerializeToNode(result.WaitSeconds, Options),
        ["headDelaySeconds"] = JsonSerializer.SerializeToNode(result.HeadDelaySeconds, Options),
        ["fairness"] = result.Fairness,
        ["backfilled"] = result.Backfilled,
        ["preemptions"] = result.Preemptions,
        ["lostToNodes"] = result.LostToNodes,
        ["workLostHours"] = result.WorkLostHours,
        ["fragmentation"] = result.Fragmentation,
        ["passes"] = result.Passes,
        ["queues"] = JsonSerializer.SerializeToNode(result.Queues, Options),
    };
}
