using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using TaaS.Kubernetes;

namespace TaaS.Operator.Tests;

/// <summary>Jobs for tests, as small as may be.</summary>
internal sealed class TestJob(string name)
{
    private readonly JsonObject _spec = new()
    {
        ["program"] = new JsonObject { ["image"] = TestSettings.Image, ["command"] = Command("100000", 0) },
        ["data"] = new JsonObject { ["path"] = "/data" },
        ["replicas"] = new JsonObject { ["worker"] = Replica(1, "10m", 0) },
        ["policy"] = new JsonObject { ["gangTimeout"] = "60s" },
    };

    public string Name { get; } = name;

    public string? Namespace { get; set; }

    public string? Queue { get; set; }

    public static JsonObject Replica(int count, string cpu, int gpus)
    {
        var resources = new JsonObject { ["cpu"] = cpu };
        if (gpus > 0)
        {
            resources["nvidia.com/gpu"] = gpus;
        }

        return new JsonObject { ["count"] = count, ["resources"] = resources };
    }

    /// <summary>Every pod sleeps, then ends with a code.</summary>
    public TestJob Runs(double seconds, int code = 0) =>
        With(spec => spec["program"]!["command"] = Command(seconds.ToString(CultureInfo.InvariantCulture), code));

    public TestJob Workers(int count, string cpu = "10m", int gpus = 0, int? min = null, int? max = null) => With(spec =>
    {
        var replica = Replica(count, cpu, gpus);
        if (min is not null)
        {
            replica["min"] = min;
        }

        if (max is not null)
        {
            replica["max"] = max;
        }

        spec["replicas"]!["worker"] = replica;
    });

    public TestJob Servers(int count, string cpu = "10m") => With(spec => spec["replicas"]!["ps"] = Replica(count, cpu, 0));

    public TestJob Policy(string field, JsonNode value) => With(spec => spec["policy"]![field] = value);

    public TestJob With(Action<JsonObject> change)
    {
        change(_spec);
        return this;
    }

    public TrainingJobResource ToResource(string space, string queue)
    {
        var spec = (JsonObject)_spec.DeepClone();
        spec["queue"] ??= Queue ?? queue;
        var workers = spec["replicas"]!["worker"]!;
        if (spec["replicas"]!["ps"] is null && workers["count"]!.GetValue<int>() > 1 && workers["min"] is null)
        {
            // Several workers without a server form a ring.
            spec["strategy"] = "ring";
        }

        return new TrainingJobResource
        {
            Metadata = new V1ObjectMeta { Name = Name, NamespaceProperty = Namespace ?? space },
            Spec = JsonSerializer.SerializeToElement(spec),
        };
    }

    /// <summary>A shell that is a container's first process hears SIGTERM only if it has a trap, and only while it waits; else its pod stays for the whole grace period.</summary>
    private static JsonArray Command(string seconds, int code) => new("sh", "-c", $"trap 'exit 143' TERM; (sleep {seconds}; exit {code}) & wait $!");
}
