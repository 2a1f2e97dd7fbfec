using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using TaaS.Kubernetes;

namespace TaaS.Operator.Tests;

/// <summary>Flavors, queues and nodes for tests.</summary>
internal static class TestQueues
{
    public static ResourceFlavorResource Flavor(string name, JsonObject? spec = null) => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Spec = JsonSerializer.SerializeToElement(spec ?? []),
    };

    /// <summary>A queue with so much of one flavor.</summary>
    public static QueueResource Queue(string name, string flavor, int cpu = 10_000, int gpus = 10_000, Action<JsonObject>? change = null)
    {
        var spec = new JsonObject
        {
            ["quotas"] = new JsonArray(new JsonObject
            {
                ["flavor"] = flavor,
                ["resources"] = new JsonObject
                {
                    ["cpu"] = new JsonObject { ["nominal"] = cpu },
                    ["memory"] = new JsonObject { ["nominal"] = "1000Ti" },
                    ["nvidia.com/gpu"] = new JsonObject { ["nominal"] = gpus },
                },
            }),
        };
        change?.Invoke(spec);
        return new QueueResource { Metadata = new V1ObjectMeta { Name = name }, Spec = JsonSerializer.SerializeToElement(spec) };
    }

    public static V1Node Node(string name, string cpu, int gpus)
    {
        var amounts = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(cpu), ["memory"] = new("64Gi"), ["pods"] = new("110"), ["nvidia.com/gpu"] = new(gpus.ToString(System.Globalization.CultureInfo.InvariantCulture)) };
        return new V1Node
        {
            ApiVersion = "v1",
            Kind = "Node",
            Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["kubernetes.io/hostname"] = name, ["nvidia.com/gpu.product"] = "NVIDIA-H200" } },
            Spec = new V1NodeSpec(),
            Status = new V1NodeStatus { Capacity = amounts, Allocatable = amounts, Conditions = [new V1NodeCondition { Type = "Ready", Status = "True" }] },
        };
    }
}
