using System.Text.Json.Nodes;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>
/// Server-side apply: each manager owns the fields it applied; what it no longer applies goes, unless another owns it;
/// what another owns with another value is a conflict unless forced. Lists count as one field.
/// </summary>
internal static class ServerSideApply
{
    public static JsonObject Apply(ApiResource kind, JsonObject? live, JsonObject applied, string manager, bool isForced, string subresource, DateTimeOffset now)
    {
        var wanted = JsonPath.Clone(applied);
        (wanted["metadata"] as JsonObject)?.Remove("managedFields");
        var result = JsonPath.Clone(live ?? wanted);
        var entries = live?["metadata"]?["managedFields"] as JsonArray ?? [];
        var own = Leaves(wanted, "").Where(static path => IsOwned(path)).ToHashSet(StringComparer.Ordinal);
        var others = new List<(string Manager, string Operation, HashSet<string> Fields)>();
        HashSet<string> before = [];
        foreach (var entry in entries.OfType<JsonObject>())
        {
            var fields = Paths(entry["fieldsV1"] as JsonObject ?? [], "").ToHashSet(StringComparer.Ordinal);
            if (entry["manager"]!.GetValue<string>() == manager && entry["operation"]!.GetValue<string>() == "Apply")
            {
                before = fields;
            }
            else
            {
                others.Add((entry["manager"]!.GetValue<string>(), entry["operation"]!.GetValue<string>(), fields));
            }
        }

        var conflicts = others.SelectMany(other => other.Fields.Where(own.Contains).Where(path => !JsonNode.DeepEquals(Get(result, path), Get(wanted, path))).Select(path => (other.Manager, Path: path))).ToList();
        if (conflicts.Count > 0 && !isForced)
        {
            var name = JsonPath.Text(applied, "metadata.name");
            throw new ApiError(409, "Conflict", $"Apply failed with {conflicts.Count} conflict{(conflicts.Count == 1 ? "" : "s")}: conflict with \"{conflicts[0].Manager}\": {Dotted(conflicts[0].Path)} ({kind.FullName} \"{name}\")");
        }

        foreach (var path in before.Where(path => !own.Contains(path) && !others.Exists(other => other.Fields.Contains(path))))
        {
            Set(result, path, null);
        }

        foreach (var path in own)
        {
            Set(result, path, Get(wanted, path)?.DeepClone());
        }

        var list = new JsonArray();
        foreach (var other in others)
        {
            other.Fields.ExceptWith(conflicts.Select(static conflict => conflict.Path));
            list.Add(Entry(kind, other.Manager, other.Operation, other.Fields, "", now));
        }

        list.Add(Entry(kind, manager, "Apply", own, subresource, now));
        JsonPath.Object(result, "metadata")["managedFields"] = list;
        return result;
    }

    /// <summary>Notes that a manager changed fields by other means.</summary>
    public static void Track(ApiResource kind, JsonObject? before, JsonObject after, string manager, DateTimeOffset now)
    {
        var metadata = JsonPath.Object(after, "metadata");
        if (before is not null && metadata["managedFields"] is null && before["metadata"]?["managedFields"] is { } kept)
        {
            metadata["managedFields"] = kept.DeepClone();
        }

        if (metadata["managedFields"] is not JsonArray entries)
        {
            return;
        }

        // Only where somebody applies does ownership matter.
        var changed = Leaves(after, "").Where(static path => IsOwned(path)).Where(path => before is null || !JsonNode.DeepEquals(Get(before, path), Get(after, path))).ToHashSet(StringComparer.Ordinal);
        if (changed.Count == 0)
        {
            return;
        }

        var list = new JsonArray();
        foreach (var entry in entries.OfType<JsonObject>())
        {
            var fields = Paths(entry["fieldsV1"] as JsonObject ?? [], "").ToHashSet(StringComparer.Ordinal);
            if (entry["manager"]!.GetValue<string>() == manager && entry["operation"]!.GetValue<string>() == "Update")
            {
                changed.UnionWith(fields);
                continue;
            }

            fields.ExceptWith(changed);
            list.Add(Entry(kind, entry["manager"]!.GetValue<string>(), entry["operation"]!.GetValue<string>(), fields, "", now));
        }

        list.Add(Entry(kind, manager, "Update", changed, "", now));
        metadata["managedFields"] = list;
    }

    private static JsonObject Entry(ApiResource kind, string manager, string operation, IEnumerable<string> paths, string subresource, DateTimeOffset now)
    {
        var fields = new JsonObject();
        foreach (var path in paths)
        {
            var at = fields;
            foreach (var part in Split(path))
            {
                at = JsonPath.Object(at, $"f:{part}");
            }
        }

        var entry = new JsonObject
        {
            ["manager"] = manager,
            ["operation"] = operation,
            ["apiVersion"] = kind.ApiVersion,
            ["time"] = Lifecycle.Format(now),
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = fields,
        };
        if (subresource.Length > 0)
        {
            entry["subresource"] = subresource;
        }

        return entry;
    }

    // Paths are JSON pointers, so that dots in labels part nothing.
    private static IEnumerable<string> Leaves(JsonObject item, string path, int namePrefix = 0)
    {
        foreach (var (name, value) in item)
        {
            var here = $"{path}/{name[namePrefix..].Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            if (value is JsonObject { Count: > 0 } inner)
            {
                foreach (var leaf in Leaves(inner, here, namePrefix))
                {
                    yield return leaf;
                }
            }
            else
            {
                yield return here;
            }
        }
    }

    // In managedFields names stand behind "f:".
    private static IEnumerable<string> Paths(JsonObject fields, string path) => Leaves(fields, path, namePrefix: 2);

    private static bool IsOwned(string path) =>
        path is not ("/apiVersion" or "/kind" or "/metadata/name" or "/metadata/namespace" or "/metadata/uid" or "/metadata/resourceVersion" or "/metadata/generation" or "/metadata/creationTimestamp" or "/metadata/selfLink" or "/metadata/managedFields");

    private static JsonNode? Get(JsonObject item, string path) => Split(path).Aggregate((JsonNode?)item, static (at, part) => (at as JsonObject)?[part]);

    private static void Set(JsonObject item, string path, JsonNode? value)
    {
        var parts = Split(path);
        var at = item;
        foreach (var part in parts[..^1])
        {
            at = JsonPath.Object(at, part);
        }

        if (value is null)
        {
            at.Remove(parts[^1]);
        }
        else
        {
            at[parts[^1]] = value;
        }
    }

    private static string[] Split(string path) => [.. path.Split('/').Skip(1).Select(static part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    private static string Dotted(string path) => string.Concat(Split(path).Select(static part => $".{part}"));
}
