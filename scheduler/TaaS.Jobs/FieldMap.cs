using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TaaS.Jobs;

/// <summary>Reads the fields of one YAML map, noting every problem with its path, and refuses what nobody asked for.</summary>
internal sealed class FieldMap
{
    private readonly string _path;
    private readonly YamlMappingNode _node;
    private readonly List<JobProblem> _problems;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public FieldMap(string path, YamlMappingNode node, List<JobProblem> problems) => (_path, _node, _problems) = (path, node, problems);

    public IEnumerable<string> Keys => _node.Children.Keys.Select(static key => (key as YamlScalarNode)?.Value ?? "");

    public string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{(key.Contains('.', StringComparison.Ordinal) ? $"\"{key}\"" : key)}";

    public void Report(string key, string message, YamlNode? at = null) =>
        _problems.Add(new JobProblem(PathOf(key), (int)(at?.Start.Line ?? 0), message));

    /// <summary>A map below this one; an empty one where it is missing.</summary>
    public FieldMap Map(string key, bool required = false)
    {
        var node = Find(key, required, "a map");
        if (node is not null and not YamlMappingNode && Text(node) is not "")
        {
            Report(key, $"expected a map of fields, got {Describe(node)}", node);
        }

        return new FieldMap(PathOf(key), node as YamlMappingNode ?? [], _problems);
    }

    public string String(string key, string fallback, bool required = false, Func<string, bool>? valid = null, string expected = "text")
    {
        if (Find(key, required, expected) is not { } node)
        {
            return fallback;
        }

        if (Text(node) is { Length: > 0 } text && (valid is null || valid(text)))
        {
            return text;
        }

        Report(key, $"expected {expected}, got {Describe(node)}", node);
        return fallback;
    }

    public string? OptionalString(string key) => Has(key) ? String(key, "") : Skip(key);

    public T OneOf<T>(string key, T fallback, IReadOnlyDictionary<string, T> choices)
    {
        var expected = $"one of {string.Join(", ", choices.Keys)}";
        var text = String(key, "", valid: choices.ContainsKey, expected: expected);
        return choices.TryGetValue(text, out var value) ? value : fallback;
    }

    public int Integer(string key, int fallback, int least = int.MinValue, int most = int.MaxValue)
    {
        var bounds = (least, most) switch
        {
            (int.MinValue, _) => "a whole number",
            (_, int.MaxValue) => $"a whole number of at least {least}",
            _ => $"a whole number from {least} to {most}",
        };
        var text = String(key, "", valid: value => TryInteger(value, out var number) && number >= least && number <= most, expected: bounds);
        return TryInteger(text, out var result) ? result : fallback;
    }

    public double Number(string key, double fallback, Func<double, bool> valid, string expected)
    {
        var text = String(key, "", valid: value => TryNumber(value, out var number) && valid(number), expected: expected);
        return TryNumber(text, out var result) ? result : fallback;
    }

    public bool Boolean(string key, bool fallback) =>
        OneOf(key, fallback, new Dictionary<string, bool> { ["true"] = true, ["false"] = false });

    public TimeSpan? Time(string key, TimeSpan? fallback)
    {
        var text = String(key, "", valid: value => Duration.TryParse(value, out var time) && time > TimeSpan.Zero, expected: "a length of time such as 90s, 5m or 1h30m");
        return text.Length > 0 && Duration.TryParse(text, out var result) ? result : fallback;
    }

    public IReadOnlyList<string> Strings(string key)
    {
        if (Find(key, false, "a list") is not { } node)
        {
            return [];
        }

        if (node is YamlSequenceNode list && list.All(static item => item is YamlScalarNode))
        {
            return [.. list.Select(static item => ((YamlScalarNode)item).Value ?? "")];
        }

        Report(key, $"expected a list of texts, got {Describe(node)}", node);
        return [];
    }

    public bool Has(string key) => _node.Children.ContainsKey(new YamlScalarNode(key));

    /// <summary>Every field that was not asked for is a mistake: names the nearest known one.</summary>
    public void RefuseOthers()
    {
        foreach (var (key, _) in _node.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (!_known.Contains(name))
            {
                var nearest = _known.MinBy(known => Distance(known, name));
                var hint = nearest is not null && Distance(nearest, name) <= Math.Max(1, name.Length / 3) ? $"did you mean '{nearest}'?" : $"known here: {string.Join(", ", _known.Order(StringComparer.Ordinal))}";
                Report(name, $"unknown field; {hint}", key);
            }
        }
    }

    private string? Skip(string key)
    {
        _known.Add(key);
        return null;
    }

    private YamlNode? Find(string key, bool required, string expected)
    {
        _known.Add(key);
        if (_node.Children.TryGetValue(new YamlScalarNode(key), out var node))
        {
            return node;
        }

        if (required)
        {
            Report(key, $"is missing, expected {expected}", _node);
        }

        return null;
    }

    private static string? Text(YamlNode node) => (node as YamlScalarNode)?.Value;

    private static string Describe(YamlNode node) => node switch
    {
        YamlScalarNode { Value: null or "" } => "nothing",
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => scalar.Value!,
        YamlScalarNode scalar => $"\"{scalar.Value}\"",
        YamlSequenceNode => "a list",
        _ => "a map",
    };

    private static bool TryInteger(string text, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    /// <summary>Levenshtein distance, ignoring case.</summary>
    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
