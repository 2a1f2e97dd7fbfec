using System.Globalization;
using System.Text.Json.Nodes;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>Changes to JSON: merge patch (RFC 7396), JSON patch (RFC 6902), Kubernetes' strategic merge.</summary>
internal static class Patches
{
    /// <summary>Keys by which strategic merge joins the elements of lists.</summary>
    private static readonly Dictionary<string, string> ListKeys = new()
    {
        ["containers"] = "name", ["initContainers"] = "name", ["env"] = "name", ["volumes"] = "name", ["conditions"] = "type",
        ["ownerReferences"] = "uid", ["ports"] = "containerPort", ["volumeMounts"] = "mountPath", ["webhooks"] = "name", ["taints"] = "key",
    };

    public static JsonObject Merge(JsonObject target, JsonObject patch)
    {
        var result = JsonPath.Clone(target);
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = value is JsonObject inner ? Merge(result[name] as JsonObject ?? [], inner) : value.DeepClone();
            }
        }

        return result;
    }

    public static JsonObject StrategicMerge(JsonObject target, JsonObject patch)
    {
        var result = JsonPath.Clone(target);
        foreach (var (name, value) in patch)
        {
            if (name.StartsWith('$'))
            {
                continue;
            }

            if (value is null)
            {
                result.Remove(name);
            }
            else if (value is JsonObject inner)
            {
                result[name] = StrategicMerge(result[name] as JsonObject ?? [], inner);
            }
            else if (value is JsonArray list && ListKeys.TryGetValue(name, out var key) && list.All(item => item is JsonObject element && element.ContainsKey(key)))
            {
                result[name] = MergeList(result[name] as JsonArray ?? [], list, key);
            }
            else
            {
                result[name] = value.DeepClone();
            }
        }

        return result;
    }

    public static JsonObject Apply(JsonObject target, JsonArray operations)
    {
        JsonNode root = JsonPath.Clone(target);
        foreach (var operation in operations.OfType<JsonObject>())
        {
            var path = operation["path"]!.GetValue<string>();
            switch (operation["op"]!.GetValue<string>())
            {
                case "add":
                    Add(root, path, operation["value"]?.DeepClone());
                    break;
                case "remove":
                    Remove(root, path);
                    break;
                case "replace":
                    Remove(root, path);
                    Add(root, path, operation["value"]?.DeepClone());
                    break;
                case "move":
                    Add(root, path, Remove(root, operation["from"]!.GetValue<string>()));
                    break;
                case "copy":
                    Add(root, path, Find(root, operation["from"]!.GetValue<string>())?.DeepClone());
                    break;
                case "test":
                    if (!JsonNode.DeepEquals(Find(root, path), operation["value"]))
                    {
                        throw new ApiError(422, "Invalid", $"the server rejected our request due to an error in our request: testing path {path} failed");
                    }

                    break;
                case var other:
                    throw ApiError.BadRequest($"unknown operation {other}");
            }
        }

        return (JsonObject)root;
    }

    private static JsonArray MergeList(JsonArray target, JsonArray patch, string key)
    {
        var result = (JsonArray)target.DeepClone();
        foreach (var element in patch.OfType<JsonObject>())
        {
            var at = result.OfType<JsonObject>().Index().Where(entry => JsonNode.DeepEquals(entry.Item[key], element[key])).Select(entry => (int?)entry.Index).FirstOrDefault();
            if (element["$patch"]?.GetValue<string>() == "delete")
            {
                if (at is { } gone)
                {
                    result.RemoveAt(gone);
                }
            }
            else if (at is { } found)
            {
                result[found] = StrategicMerge((JsonObject)result[found]!, element);
            }
            else
            {
                result.Add(element.DeepClone());
            }
        }

        return result;
    }

    private static string[] Parts(string path) => [.. path.Split('/').Skip(1).Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    private static JsonNode? Find(JsonNode root, string path) => Parts(path).Aggregate((JsonNode?)root, (at, part) => at switch
    {
        JsonObject item => item[part],
        JsonArray list when int.TryParse(part, CultureInfo.InvariantCulture, out var index) && index < list.Count => list[index],
        _ => null,
    });

    private static void Add(JsonNode root, string path, JsonNode? value)
    {
        var parts = Parts(path);
        switch (Find(root, string.Concat(parts[..^1].Select(Escape))))
        {
            case JsonObject item:
                item[parts[^1]] = value;
                break;
            case JsonArray list when parts[^1] == "-":
                list.Add(value);
                break;
            case JsonArray list:
                list.Insert(int.Parse(parts[^1], CultureInfo.InvariantCulture), value);
                break;
            default:
                throw new ApiError(422, "Invalid", $"the server rejected our request due to an error in our request: add operation does not apply: doc is missing path: \"{path}\"");
        }
    }

    private static JsonNode? Remove(JsonNode root, string path)
    {
        var parts = Parts(path);
        var value = Find(root, path);
        switch (Find(root, string.Concat(parts[..^1].Select(Escape))))
        {
            case JsonObject item when item.Remove(parts[^1]):
                return value;
            case JsonArray list when int.TryParse(parts[^1], CultureInfo.InvariantCulture, out var index) && index < list.Count:
                list.RemoveAt(index);
                return value;
            default:
                throw new ApiError(422, "Invalid", $"the server rejected our request due to an error in our request: remove operation does not apply: doc is missing path: \"{path}\"");
        }
    }

    private static string Escape(string part) => "/" + part.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
