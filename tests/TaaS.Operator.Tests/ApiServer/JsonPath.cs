using System.Text.Json.Nodes;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>Fields of JSON objects by dotted paths.</summary>
internal static class JsonPath
{
    public static JsonNode? Get(JsonObject item, string path)
    {
        JsonNode? at = item;
        foreach (var part in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            at = (at as JsonObject)?[part];
        }

        return at;
    }

    public static string? Text(JsonObject item, string path) => Get(item, path)?.ToString();

    /// <summary>A whole number, however it came into the tree.</summary>
    public static long? Number(JsonNode? node) => node is null ? null : long.Parse(node.ToString(), System.Globalization.CultureInfo.InvariantCulture);

    public static void Set(JsonObject item, string path, JsonNode? value)
    {
        var parts = path.Split('.', StringSplitOptions.RemoveEmptyEntries);
        var at = item;
        foreach (var part in parts[..^1])
        {
            if (at[part] is not JsonObject next)
            {
                at[part] = next = [];
            }

            at = next;
        }

        at[parts[^1]] = value;
    }

    /// <summary>A field's object; made where it is missing.</summary>
    public static JsonObject Object(JsonObject item, string name)
    {
        if (item[name] is not JsonObject found)
        {
            item[name] = found = [];
        }

        return found;
    }

    public static JsonObject Clone(JsonObject item) => (JsonObject)item.DeepClone();
}
