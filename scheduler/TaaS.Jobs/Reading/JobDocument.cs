using YamlDotNet.RepresentationModel;

namespace TaaS.Jobs;

/// <summary>A file's YAML tree, with overrides put into it before anything is checked.</summary>
internal static class JobDocument
{
    public static YamlMappingNode Load(string yaml, string what, IEnumerable<string> overrides)
    {
        var root = ParseText(yaml, what) as YamlMappingNode
            ?? throw Problem("", $"{what} is empty or no map; expected apiVersion, kind, metadata and spec");
        foreach (var setting in overrides)
        {
            Apply(root, setting);
        }

        return root;
    }

    private static YamlNode? ParseText(string text, string what)
    {
        var documents = JsonYaml.Load(text, what);
        return documents.Count switch
        {
            0 => null,
            1 => documents[0].RootNode,
            var count => throw Problem("", $"{what} holds {count} documents, expected one"),
        };
    }

    private static void Apply(YamlMappingNode root, string setting)
    {
        var equals = setting.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw Problem("", $"--set {setting}: expected FIELD=VALUE, such as spec.epochs=5");
        }

        var path = Split(setting[..equals]);
        var value = ParseText(setting[(equals + 1)..], $"--set {setting}") ?? new YamlScalarNode("");
        var at = root;
        for (var i = 0; i < path.Count - 1; i++)
        {
            var key = new YamlScalarNode(path[i]);
            if (!at.Children.TryGetValue(key, out var child))
            {
                at.Children[key] = child = new YamlMappingNode();
            }

            at = child as YamlMappingNode
                ?? throw Problem(string.Join('.', path.Take(i + 1)), $"--set {setting}: this is a value, it has no field '{path[i + 1]}'");
        }

        at.Children[new YamlScalarNode(path[^1])] = value;
    }

    /// <summary>Splits at dots outside double quotes.</summary>
    private static List<string> Split(string path)
    {
        var parts = new List<string>();
        var start = 0;
        var quoted = false;
        for (var i = 0; i <= path.Length; i++)
        {
            if (i < path.Length && path[i] == '"')
            {
                quoted = !quoted;
            }
            else if (i == path.Length || (path[i] == '.' && !quoted))
            {
                parts.Add(path[start..i].Trim('"'));
                start = i + 1;
            }
        }

        return parts;
    }

    private static JobException Problem(string path, string message) => new([new JobProblem(path, 0, message)]);
}
