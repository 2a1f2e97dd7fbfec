using System.Text.Json.Nodes;

namespace TaaS.Jobs;

/// <summary>What a schema says beside types: descriptions for <c>kubectl explain</c>, and rules between fields.</summary>
/// <param name="descriptions">Descriptions by path of the field.</param>
/// <param name="rules">Rules by path of the field that they stand at.</param>
internal sealed class SchemaNotes(IReadOnlyDictionary<string, string> descriptions, IReadOnlyDictionary<string, CelRule[]> rules)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>Notes that no field asked for; there should be none.</summary>
    public IEnumerable<string> Unused => descriptions.Keys.Concat(rules.Keys).Where(path => !_seen.Contains(path));

    /// <summary>Puts the notes of a field into its schema.</summary>
    public void Annotate(string path, JsonObject schema)
    {
        path = General(path);
        _seen.Add(path);
        if (descriptions.TryGetValue(path, out var description))
        {
            schema["description"] = description;
        }

        if (rules.TryGetValue(path, out var atPath))
        {
            schema["x-kubernetes-validations"] = JobWriter.List(atPath, static rule => new JsonObject { ["rule"] = rule.Rule, ["message"] = rule.Message });
        }
    }

    // Roles have the same fields.
    private static string General(string path)
    {
        const string replicas = "spec.replicas.";
        if (!path.StartsWith(replicas, StringComparison.Ordinal))
        {
            return path;
        }

        var rest = path.IndexOf('.', replicas.Length);
        return rest < 0 ? path : replicas + "ROLE" + path[rest..];
    }
}

/// <summary>A rule in the Common Expression Language, as API servers from 1.25 on check it.</summary>
/// <param name="Rule">What must be true of <c>self</c>.</param>
/// <param name="Message">What a user is told where it is not.</param>
internal sealed record CelRule(string Rule, string Message);
