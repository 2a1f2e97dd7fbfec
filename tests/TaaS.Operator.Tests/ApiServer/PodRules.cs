using System.Text.Json.Nodes;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>What the server knows of pods: defaults, limits, what may change, and binding.</summary>
internal static class PodRules
{
    public static void PrepareNew(ApiResource kind, JsonObject pod)
    {
        var name = JsonPath.Text(pod, "metadata.name")!;
        if (pod["spec"] is not JsonObject spec || spec["containers"] is not JsonArray { Count: > 0 } containers)
        {
            throw ApiError.Invalid(kind, name, "spec.containers: Required value");
        }

        foreach (var (index, container) in containers.OfType<JsonObject>().Index())
        {
            CheckContainer(kind, name, index, container);
        }

        Default(spec, "restartPolicy", "Always");
        Default(spec, "schedulerName", "default-scheduler");
        Default(spec, "terminationGracePeriodSeconds", 30);
        Default(spec, "dnsPolicy", "ClusterFirst");
        if (spec["tolerations"] is not JsonArray tolerations)
        {
            spec["tolerations"] = tolerations = [];
        }

        foreach (var key in (string[])["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            if (!tolerations.Any(toleration => toleration?["key"]?.GetValue<string>() == key))
            {
                tolerations.Add(new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300 });
            }
        }

        pod["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = "Burstable" };
    }

    public static void CheckChange(ApiResource kind, JsonObject live, JsonObject wanted)
    {
        var (before, after) = (Frozen(live), Frozen(wanted));
        if (!JsonNode.DeepEquals(before, after))
        {
            throw ApiError.Invalid(kind, JsonPath.Text(live, "metadata.name")!, "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`, `spec.tolerations` (only additions to existing tolerations)");
        }
    }

    public static JsonObject Bind(ObjectKey key, JsonObject live, JsonObject binding, DateTimeOffset now)
    {
        var node = JsonPath.Text(binding, "target.name");
        if (string.IsNullOrEmpty(node) || JsonPath.Text(binding, "target.kind") is not (null or "" or "Node"))
        {
            throw new ApiError(422, "Invalid", $"Binding \"{key.Name}\" is invalid: target.name: Required value");
        }

        if (JsonPath.Text(binding, "metadata.uid") is { Length: > 0 } uid && uid != JsonPath.Text(live, "metadata.uid"))
        {
            throw new ApiError(409, "Conflict", $"Operation cannot be fulfilled on pods/binding \"{key.Name}\": Precondition failed: UID in precondition: {uid}, UID in object meta: {JsonPath.Text(live, "metadata.uid")}");
        }

        if (live["metadata"]?["deletionTimestamp"] is not null)
        {
            throw new ApiError(409, "Conflict", $"Operation cannot be fulfilled on pods/binding \"{key.Name}\": pod {key.Name} is being deleted, cannot be assigned to a host");
        }

        if (JsonPath.Text(live, "spec.nodeName") is { Length: > 0 } bound)
        {
            throw new ApiError(409, "Conflict", $"Operation cannot be fulfilled on pods/binding \"{key.Name}\": pod {key.Name} is already assigned to node \"{bound}\"");
        }

        var item = JsonPath.Clone(live);
        item["spec"]!["nodeName"] = node;
        var status = JsonPath.Object(item, "status");
        status["conditions"] = new JsonArray(new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastTransitionTime"] = Lifecycle.Format(now) });
        foreach (var field in (string[])["annotations", "labels"])
        {
            foreach (var (name, value) in binding["metadata"]?[field] as JsonObject ?? [])
            {
                JsonPath.Object(JsonPath.Object(item, "metadata"), field)[name] = value?.DeepClone();
            }
        }

        return item;
    }

    private static void CheckContainer(ApiResource kind, string name, int index, JsonObject container)
    {
        if (string.IsNullOrEmpty(container["name"]?.ToString()) || string.IsNullOrEmpty(container["image"]?.ToString()))
        {
            throw ApiError.Invalid(kind, name, $"spec.containers[{index}]: Required value: name and image");
        }

        if (container["resources"] is not JsonObject resources)
        {
            return;
        }

        var limits = resources["limits"] as JsonObject ?? [];
        var requests = resources["requests"] as JsonObject ?? [];
        foreach (var (resource, limit) in limits)
        {
            if (requests[resource] is null)
            {
                requests[resource] = limit!.DeepClone();
            }
        }

        if (requests.Count > 0)
        {
            resources["requests"] = requests.DeepClone();
        }

        foreach (var (resource, request) in requests.Where(static entry => entry.Key.Contains('/', StringComparison.Ordinal)))
        {
            if (limits[resource]?.ToString() != request!.ToString())
            {
                throw ApiError.Invalid(kind, name, $"spec.containers[{index}].resources.requests: Invalid value: \"{request}\": must be equal to {resource} limit");
            }
        }
    }

    private static JsonObject Frozen(JsonObject pod)
    {
        var spec = JsonPath.Clone((JsonObject)pod["spec"]!);
        spec.Remove("tolerations");
        spec.Remove("terminationGracePeriodSeconds");
        spec.Remove("activeDeadlineSeconds");
        foreach (var container in (spec["containers"] as JsonArray ?? []).OfType<JsonObject>())
        {
            container.Remove("image");
        }

        return spec;
    }

    private static void Default(JsonObject spec, string name, JsonNode value) => spec[name] ??= value;
}
