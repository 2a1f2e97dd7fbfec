using System.Text.Json.Nodes;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>The kinds that are served now: the built-in ones, and those whose definitions are established.</summary>
internal static class Kinds
{
    public static IEnumerable<ApiResource> Served(Database database) =>
        ApiResource.BuiltIn.Concat(database.Of(Definitions, null)
            .Where(static entry => IsEstablished(entry.Value))
            .Select(static entry => FromDefinition(entry.Value)!));

    public static ApiResource? Find(Database database, string group, string version, string plural) =>
        Served(database).FirstOrDefault(kind => kind.Group == group && kind.Version == version && kind.Plural == plural);

    public static void PrepareNew(JsonObject definition, TimeProvider time)
    {
        if (JsonPath.Text(definition, "metadata.name") != $"{JsonPath.Text(definition, "spec.names.plural")}.{JsonPath.Text(definition, "spec.group")}")
        {
            throw new ApiError(422, "Invalid", $"CustomResourceDefinition.apiextensions.k8s.io \"{JsonPath.Text(definition, "metadata.name")}\" is invalid: metadata.name: must be spec.names.plural+\".\"+spec.group");
        }

        definition["status"] = new JsonObject
        {
            ["acceptedNames"] = definition["spec"]!["names"]!.DeepClone(),
            ["conditions"] = new JsonArray(
                new JsonObject { ["type"] = "NamesAccepted", ["status"] = "True", ["reason"] = "NoConflicts", ["message"] = "no conflicts found", ["lastTransitionTime"] = Lifecycle.Format(time.GetUtcNow()) },
                new JsonObject { ["type"] = "Established", ["status"] = "True", ["reason"] = "InitialNamesAccepted", ["message"] = "the initial names have been accepted", ["lastTransitionTime"] = Lifecycle.Format(time.GetUtcNow()) }),
            ["storedVersions"] = new JsonArray(Version(definition)?["name"]?.DeepClone()),
        };
    }

    public static ApiResource? FromDefinition(JsonObject definition)
    {
        if (Version(definition) is not { } version)
        {
            return null;
        }

        var names = definition["spec"]!["names"]!;
        var scale = version["subresources"]?["scale"] as JsonObject;
        return new ApiResource(
            JsonPath.Text(definition, "spec.group")!,
            version["name"]!.GetValue<string>(),
            names["kind"]!.GetValue<string>(),
            names["plural"]!.GetValue<string>(),
            JsonPath.Text(definition, "spec.scope") == "Namespaced")
        {
            ShortNames = Shared([.. (names["shortNames"] as JsonArray ?? []).Select(static name => name!.GetValue<string>())]),
            HasStatus = version["subresources"]?["status"] is not null,
            SpecReplicasPath = scale?["specReplicasPath"]?.GetValue<string>(),
            StatusReplicasPath = scale?["statusReplicasPath"]?.GetValue<string>(),
            SelectorPath = scale?["labelSelectorPath"]?.GetValue<string>(),
            IsCustom = true,
        };
    }

    private static ApiResource Definitions => ApiResource.BuiltIn.Single(static kind => kind.Plural == "customresourcedefinitions");

    private static bool IsEstablished(JsonObject definition) =>
        (definition["status"]?["conditions"] as JsonArray ?? []).Any(static condition => condition?["type"]?.ToString() == "Established" && condition["status"]?.ToString() == "True");

    private static JsonObject? Version(JsonObject definition) =>
        (definition["spec"]?["versions"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(static version => version["served"]?.GetValue<bool>() == true);

    // Kinds are compared as values, and arrays by identity: the same names are the same array.
    private static readonly Dictionary<string, string[]> SharedNames = [];

    private static string[] Shared(string[] names)
    {
        lock (SharedNames)
        {
            var text = string.Join(',', names);
            return SharedNames.TryGetValue(text, out var known) ? known : SharedNames[text] = names;
        }
    }
}
