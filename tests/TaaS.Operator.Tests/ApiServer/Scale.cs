using System.Text.Json.Nodes;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>The scale subresource of a custom kind.</summary>
internal static class Scale
{
    public static JsonObject Of(ApiResource kind, JsonObject item)
    {
        var metadata = item["metadata"]!;
        var status = new JsonObject { ["replicas"] = JsonPath.Get(item, kind.StatusReplicasPath ?? "status.replicas")?.DeepClone() ?? 0 };
        if (kind.SelectorPath is not null && JsonPath.Text(item, kind.SelectorPath) is { } selector)
        {
            status["selector"] = selector;
        }

        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = metadata["name"]!.DeepClone(),
                ["namespace"] = metadata["namespace"]?.DeepClone(),
                ["uid"] = metadata["uid"]!.DeepClone(),
                ["resourceVersion"] = metadata["resourceVersion"]!.DeepClone(),
                ["creationTimestamp"] = metadata["creationTimestamp"]!.DeepClone(),
            },
            ["spec"] = new JsonObject { ["replicas"] = JsonPath.Get(item, kind.SpecReplicasPath!)?.DeepClone() ?? 0 },
            ["status"] = status,
        };
    }

    /// <summary>The object with the replicas that a scale asks for.</summary>
    public static JsonObject ApplyTo(ApiResource kind, JsonObject item, JsonObject scale)
    {
        var replicas = JsonPath.Number(scale["spec"]?["replicas"]) ?? 0;
        if (replicas < 0)
        {
            throw new ApiError(422, "Invalid", $"{kind.FullName} \"{JsonPath.Text(item, "metadata.name")}\" is invalid: spec.replicas: Invalid value: {replicas}: should be a non-negative integer");
        }

        var changed = JsonPath.Clone(item);
        JsonPath.Set(changed, kind.SpecReplicasPath!, replicas);
        if (scale["metadata"]?["resourceVersion"]?.ToString() is { Length: > 0 } version)
        {
            JsonPath.Set(changed, "metadata.resourceVersion", version);
        }

        return changed;
    }
}
