using System.Text.Json;
using System.Text.Json.Nodes;
using TaaS.Benchmarks.Gpu.Measure;

namespace TaaS.Benchmarks.Gpu.Report;

/// <summary>A run as JSON. Times are seconds of one run, in the order of rounds, and their median.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    internal static string Write(RunReport report) => new JsonObject
    {
        ["device"] = report.Device,
        ["machine"] = report.Machine,
        ["tiny"] = report.IsTiny,
        ["peer"] = report.Peer,
        ["began"] = report.Began,
        ["peaks"] = report.Roof is { } roof
            ? new JsonObject
            {
                ["copyBytesPerSecond"] = roof.Bytes,
                ["multiplyAddFlopsPerSecond"] = roof.Flops,
                ["libraryMatmulFlopsPerSecond"] = new JsonObject(report.LibraryPeaks.Select(peak => KeyValuePair.Create(peak.Key, (JsonNode?)peak.Value))),
            }
            : null,
        ["conformance"] = new JsonObject
        {
            ["run"] = report.Checks.Count,
            ["failed"] = report.Checks.Count(check => check.Failure is not null),
            ["checks"] = new JsonArray([.. report.Checks.Select(check => new JsonObject { ["family"] = check.Family, ["name"] = check.Name, ["seconds"] = check.Seconds, ["failure"] = check.Failure })]),
        },
        ["cases"] = new JsonArray([.. report.Cases.Select(one => Case(report, one))]),
    }.ToJsonString(Indented) + "\n";

    private static JsonObject Case(RunReport report, CaseOutcome one) => new()
    {
        ["operation"] = one.Operation.Key,
        ["shape"] = one.Operation.Shape,
        ["type"] = one.Operation.Type,
        ["flops"] = one.Operation.Work.Flops,
        ["bytes"] = one.Operation.Work.Bytes,
        ["images"] = one.Operation.Work.Images,
        ["copies"] = one.Copies,
        ["ours"] = Seconds(one.Ours),
        ["oursFrozen"] = Seconds(one.Frozen),
        ["torchEager"] = Seconds(one.Eager),
        ["torchGraph"] = Seconds(one.Graph),
        ["shareOfPeak"] = one.Best is { } best ? report.ShareOfPeak(one.Operation, best.Median) : null,
        ["ratioToEager"] = one.RatioToEager,
        ["ratioToGraph"] = one.RatioToGraph,
        ["problem"] = one.Problem,
        ["peerProblem"] = one.PeerProblem,
    };

    private static JsonObject? Seconds(Times? times) => times is null
        ? null
        : new JsonObject { ["median"] = times.Median, ["rounds"] = new JsonArray([.. times.Rounds.Select(seconds => (JsonNode)seconds)]) };
}
