using System.Text.Json.Nodes;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>What clients ask first: which groups, versions and kinds there are.</summary>
internal static class Discovery
{
    public static JsonObject Version => new()
    {
        ["major"] = "1", ["minor"] = "26", ["gitVersion"] = "v1.26.0", ["gitCommit"] = "", ["gitTreeState"] = "clean", ["platform"] = "linux/amd64",
    };

    public static JsonObject CoreVersions => new() { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1"), ["serverAddressByClientCIDRs"] = new JsonArray() };

    public static JsonObject Groups(IEnumerable<ApiResource> kinds) => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. kinds.Where(static kind => kind.Group.Length > 0).GroupBy(static kind => kind.Group).Select(static group => (JsonNode)Group(group.Key, group.First().Version))]),
    };

    public static JsonObject Group(string group, string version) => new()
    {
        ["name"] = group,
        ["versions"] = new JsonArray(new JsonObject { ["groupVersion"] = $"{group}/{version}", ["version"] = version }),
        ["preferredVersion"] = new JsonObject { ["groupVersion"] = $"{group}/{version}", ["version"] = version },
    };

    public static JsonObject Resources(string groupVersion, IEnumerable<ApiResource> kinds)
    {
        var list = new JsonArray();
        foreach (var kind in kinds)
        {
            list.Add(Entry(kind, kind.Plural, kind.Kind, ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]));
            if (kind.HasStatus)
            {
                list.Add(Entry(kind, $"{kind.Plural}/status", kind.Kind, ["get", "patch", "update"]));
            }

            if (kind.SpecReplicasPath is not null)
            {
                var scale = Entry(kind, $"{kind.Plural}/scale", "Scale", ["get", "patch", "update"]);
                scale["group"] = "autoscaling";
                scale["version"] = "v1";
                list.Add(scale);
            }

            if (kind is { Group: "", Plural: "pods" })
            {
                list.Add(Entry(kind, "pods/binding", "Binding", ["create"]));
            }
        }

        return new JsonObject { ["kind"] = "APIResourceList", ["apiVersion"] = "v1", ["groupVersion"] = groupVersion, ["resources"] = list };
    }

    private static JsonObject Entry(ApiResource kind, string name, string type, string[] verbs)
    {
        var entry = new JsonObject
        {
            ["name"] = name,
            ["singularName"] = name.Contains('/', StringComparison.Ordinal) ? "" : kind.Kind.ToLowerInvariant(),
            ["namespaced"] = kind.IsNamespaced,
            ["kind"] = type,
            ["verbs"] = new JsonArray([.. verbs.Select(static verb => (JsonNode)verb)]),
        };
        if (kind.ShortNames.Length > 0 && name == kind.Plural)
        {
            entry["shortNames"] = new JsonArray([.. kind.ShortNames.Select(static alias => (JsonNode)alias)]);
        }

        return entry;
    }
}
