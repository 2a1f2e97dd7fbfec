namespace TaaS.Jobs.Traces;

/// <summary>Which fields a trace has, of which kind, with which defaults.</summary>
internal static class TraceReader
{
    private const int MostNodes = 100_000;
    private const int MostJobs = 200_000;
    private const int MostGroups = 1_000;
    private const double MostOverestimate = 1_000;

    private static readonly Dictionary<string, ArrivalProcess> Arrivals = new(StringComparer.Ordinal)
    {
        ["poisson"] = ArrivalProcess.Poisson,
        ["uniform"] = ArrivalProcess.Uniform,
        ["bursts"] = ArrivalProcess.Bursts,
    };

    /// <summary>Reads the document of kind <see cref="SimulationTrace.Kind"/>; queues and flavors come from elsewhere.</summary>
    /// <param name="root">The document.</param>
    /// <param name="files">Files it names, relative to its own.</param>
    public static SimulationTrace Read(FieldMap root, out IReadOnlyList<string> files)
    {
        var metadata = root.Map("metadata", required: true);
        root.Text("apiVersion", TextRule.Any);
        root.Text("kind", TextRule.Any);
        var name = metadata.Text("name", TextRule.ObjectName, required: true);
        metadata.RefuseOthers();
        var spec = root.Map("spec", required: true);
        var defaults = new SimulationTrace { Name = name };
        var trace = defaults with
        {
            Nodes = spec.List("nodes", new ListRule(MostGroups, Least: 1, Key: "name"), ReadNodes),
            Jobs = spec.List("jobs", new ListRule(MostJobs, Key: "name"), ReadJob),
            Workload = spec.Optional("workload", ReadWorkload),
            Failures = spec.List("failures", new ListRule(MostNodes), ReadFailure),
            TerminationTime = spec.Time("terminationTime", defaults.TerminationTime)!.Value,
            CheckpointInterval = spec.Time("checkpointInterval", defaults.CheckpointInterval)!.Value,
        };
        files = spec.Texts("files", new ListRule(MostGroups), TextRule.Path);
        spec.RefuseOthers();
        root.RefuseOthers();
        return trace;
    }

    private static TraceNodes ReadNodes(FieldMap map)
    {
        var rack = map.Map("racks");
        var nodes = new TraceNodes
        {
            Name = map.Text("name", TextRule.Name, required: true),
            Count = map.Integer("count", 1, least: 1, most: MostNodes),
            Labels = ReplicaReader.Labels(map, "labels"),
            Taints = ReplicaReader.Taints(map, "taints"),
            Allocatable = map.Entries("allocatable", new EntriesRule(MostGroups, AllocatableRule, Least: 1), static (fields, name) => fields.Amount(name, name) ?? default),
            RackLabel = rack.OptionalText("label", TextRule.LabelKey),
            RackSize = rack.Integer("size", 1, least: 1, most: MostNodes),
        };
        if (map.Has("racks") && nodes.RackLabel is null)
        {
            rack.Report("label", "is missing, expected the label that tells racks apart");
        }

        rack.RefuseOthers();
        map.RefuseOthers();
        return nodes;
    }

    private static TextRule AllocatableRule { get; } = new("cpu, memory, pods, or a device's DOMAIN/NAME such as nvidia.com/gpu");

    private static TraceJob ReadJob(FieldMap map)
    {
        var job = new TraceJob(
            map.Text("name", TextRule.ObjectName, required: true),
            Offset(map, "submitted"),
            RequiredTime(map, "runTime"),
            map.Time("declaredRunTime", null),
            ReadShape(map));
        map.RefuseOthers();
        return job;
    }

    private static SyntheticWorkload ReadWorkload(FieldMap map)
    {
        var defaults = new SyntheticWorkload();
        var workload = new SyntheticWorkload
        {
            Seed = map.Integer("seed", defaults.Seed, least: 0, most: int.MaxValue - 2),
            Jobs = map.Integer("jobs", 100, least: 1, most: MostJobs),
            ArrivalsPerHour = map.Number("arrivalsPerHour", 10, NumberRule.Positive),
            Arrivals = map.OneOf("arrivals", defaults.Arrivals, Arrivals),
            Mix = map.List("mix", new ListRule(MostGroups, Least: 1, Key: "name"), ReadMix),
        };
        map.RefuseOthers();
        return workload;
    }

    private static JobMix ReadMix(FieldMap map)
    {
        var name = map.Text("name", TextRule.ObjectName, required: true);
        var weight = map.Number("weight", 1, NumberRule.Positive);
        var time = map.Map("runTime", required: true);
        var median = RequiredTime(time, "median");
        var mix = new JobMix(
            name,
            weight,
            ReadShape(map),
            median,
            time.Number("sigma", 0, NumberRule.NotNegative),
            time.Time("max", TimeSpan.MaxValue)!.Value,
            map.Has("overestimate") ? map.Number("overestimate", 1, new NumberRule("a number", 1, true, MostOverestimate, true)) : null);
        if (mix.MostRunTime < median)
        {
            time.Report("max", $"expected at least the median of {Duration.Format(median)}, got {Duration.Format(mix.MostRunTime)}");
        }

        time.RefuseOthers();
        map.RefuseOthers();
        return mix;
    }

    private static TraceJobShape ReadShape(FieldMap map)
    {
        var placement = map.Map("placement");
        var shape = new TraceJobShape
        {
            Queue = map.Text("queue", TextRule.ObjectName, required: true),
            Priority = map.Integer("priority", 0),
            Replicas = ReplicaReader.Read(map.Map("replicas", required: true)),
            TopologyKey = placement.OptionalText("topologyKey", TextRule.LabelKey),
            IsTopologyRequired = placement.Boolean("required", false),
            IsPreemptible = map.Boolean("preemptible", true),
        };
        placement.RefuseOthers();
        return shape;
    }

    private static TraceFailure ReadFailure(FieldMap map)
    {
        var failure = new TraceFailure(map.Text("node", TextRule.ObjectName, required: true), Offset(map, "at"), RequiredTime(map, "for"));
        map.RefuseOthers();
        return failure;
    }

    /// <summary>A moment counted from the start, which may be the start itself.</summary>
    private static TimeSpan Offset(FieldMap map, string key)
    {
        var text = map.Text(key, new TextRule("a length of time such as 0s, 90s or 1h30m"), required: true);
        if (text.Length > 0 && !Duration.TryParse(text, out _))
        {
            map.Report(key, $"expected a length of time such as 0s, 90s or 1h30m, got {text}");
        }

        return Duration.TryParse(text, out var offset) ? offset : TimeSpan.Zero;
    }

    private static TimeSpan RequiredTime(FieldMap map, string key)
    {
        var time = map.Time(key, null);
        if (!map.Has(key))
        {
            map.Report(key, "is missing, expected a length of time such as 90s, 5m or 1h30m");
        }

        return time ?? TimeSpan.FromSeconds(1);
    }
}
