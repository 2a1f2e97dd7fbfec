using System.Text.Json;

namespace TaaS.Jobs;

/// <summary>The parts of an API server's object that are ours to read.</summary>
internal static class ResourceJson
{
    public static string Name(JsonElement resource) =>
        Field(Field(resource, "metadata"), "name") is { ValueKind: JsonValueKind.String } name ? name.GetString()! : throw new JobException([new JobProblem("metadata.name", 0, "is missing, expected text")]);

    public static JsonElement Spec(JsonElement resource) => Field(resource, "spec");

    private static JsonElement Field(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : default;
}
