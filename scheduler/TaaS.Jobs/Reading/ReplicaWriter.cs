using System.Text.Json.Nodes;

namespace TaaS.Jobs;

/// <summary>Writes the replicas of a role; what is empty is left out.</summary>
internal static class ReplicaWriter
{
    public static JsonObject Write(ReplicaSpec replica)
    {
        var map = new JsonObject { ["count"] = replica.Count };
        AddIf(map, "min", replica.Min);
        AddIf(map, "max", replica.Max);
        AddIf(map, "resources", JobWriter.Map(replica.Resources, JobWriter.Amount));
        JobWriter.AddIf(map, "flavor", replica.Flavor);
        AddIf(map, "nodeSelector", JobWriter.Map(replica.NodeSelector, static value => value));
        var affinity = WriteAffinity(replica.Affinity);
        if (affinity.Count > 0)
        {
            map["affinity"] = new JsonObject { ["nodeAffinity"] = affinity };
        }

        AddIf(map, "tolerations", JobWriter.List(replica.Tolerations, WriteToleration));
        AddIf(map, "env", JobWriter.Map(replica.Env, static value => value));
        return map;
    }

    private static JsonObject WriteToleration(Toleration toleration)
    {
        var map = new JsonObject();
        JobWriter.AddIf(map, "key", toleration.Key);
        map["operator"] = toleration.Operator;
        JobWriter.AddIf(map, "value", toleration.Value);
        JobWriter.AddIf(map, "effect", toleration.Effect);
        AddIf(map, "tolerationSeconds", toleration.Seconds);
        return map;
    }

    private static JsonObject WriteAffinity(NodeAffinity affinity)
    {
        var map = new JsonObject();
        if (affinity.Required.Count > 0)
        {
            map["requiredDuringSchedulingIgnoredDuringExecution"] = new JsonObject { ["nodeSelectorTerms"] = JobWriter.List(affinity.Required, WriteTerm) };
        }

        AddIf(map, "preferredDuringSchedulingIgnoredDuringExecution", JobWriter.List(affinity.Preferred, static preferred => new JsonObject
        {
            ["weight"] = preferred.Weight,
            ["preference"] = WriteTerm(preferred.Term),
        }));
        return map;
    }

    private static JsonObject WriteTerm(NodeSelectorTerm term)
    {
        var map = new JsonObject();
        AddIf(map, "matchExpressions", JobWriter.List(term.Expressions, WriteRequirement));
        AddIf(map, "matchFields", JobWriter.List(term.Fields, WriteRequirement));
        return map;
    }

    private static JsonObject WriteRequirement(NodeRequirement requirement)
    {
        var map = new JsonObject { ["key"] = requirement.Key, ["operator"] = requirement.Operator };
        AddIf(map, "values", JobWriter.List(requirement.Values, static value => value));
        return map;
    }

    private static void AddIf(JsonObject map, string key, long? value)
    {
        if (value is { } number)
        {
            map[key] = number;
        }
    }

    private static void AddIf(JsonObject map, string key, JsonObject value)
    {
        if (value.Count > 0)
        {
            map[key] = value;
        }
    }

    private static void AddIf(JsonObject map, string key, JsonArray value)
    {
        if (value.Count > 0)
        {
            map[key] = value;
        }
    }
}
