using System.Text.Json.Nodes;

namespace TaaS.Kubernetes;

/// <summary>The least merge patch that leads from one object to another (RFC 7396).</summary>
public static class MergePatch
{
    /// <summary>The patch; null where both are the same.</summary>
    public static JsonObject? Between(JsonObject before, JsonObject after)
    {
        var patch = new JsonObject();
        foreach (var (name, _) in before.Where(entry => !after.ContainsKey(entry.Key)))
        {
            patch[name] = null;
        }

        foreach (var (name, value) in after)
        {
            if (before[name] is JsonObject old && value is JsonObject inner)
            {
                if (Between(old, inner) is { } change)
                {
                    patch[name] = change;
                }
            }
            else if (!before.ContainsKey(name) || !JsonNode.DeepEquals(before[name], value))
            {
                patch[name] = value?.DeepClone();
            }
        }

        return patch.Count > 0 ? patch : null;
    }
}
