using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TaaS.Jobs;

/// <summary>Reads the fields of one map of a document, noting every problem with its path, and refuses what nobody asked for.</summary>
internal sealed class YamlFieldMap : FieldMap
{
    private readonly string _path;
    private readonly YamlMappingNode _node;
    private readonly List<JobProblem> _problems;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public YamlFieldMap(string path, YamlMappingNode node, List<JobProblem> problems) => (_path, _node, _problems) = (path, node, problems);

    public override bool Has(string key) => _node.Children.ContainsKey(new YamlScalarNode(key));

    public override void Report(string key, string message) => Report(key, message, Find(key));

    public override FieldMap Map(string key, bool required = false) => MapOf(key, required);

    public override IReadOnlyList<T> List<T>(string key, ListRule rule, Func<FieldMap, T> read)
    {
        var items = new List<T>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (index, node) in Items(key, rule, "maps").Index())
        {
            var name = $"{key}[{index}]";
            if (node is not YamlMappingNode map)
            {
                Report(name, $"expected a map of fields, got {Describe(node)}", node);
                continue;
            }

            items.Add(read(new YamlFieldMap(PathOf(name), map, _problems)));
            if (rule.Key is { Length: > 0 } unique && map.Children.TryGetValue(new YamlScalarNode(unique), out var value) && Text(value) is { } text && !seen.TryAdd(text, index))
            {
                Report(name, $"{unique} {text} stands in {key}[{seen[text]}] already", value);
            }
        }

        return items;
    }

    public override IReadOnlyList<string> Texts(string key, ListRule rule, TextRule item)
    {
        var texts = new List<string>();
        foreach (var (index, node) in Items(key, rule, "texts").Index())
        {
            if (Text(node) is not { } text || !item.Accepts(text))
            {
                Report($"{key}[{index}]", $"expected {item.Expected}, got {Describe(node)}", node);
            }
            else if (rule.Key is not null && texts.Contains(text))
            {
                Report($"{key}[{index}]", $"{text} stands there twice", node);
            }
            else
            {
                texts.Add(text);
            }
        }

        return texts;
    }

    public override IReadOnlyDictionary<string, T> Entries<T>(string key, EntriesRule rule, Func<FieldMap, string, T> read)
    {
        var map = MapOf(key, required: rule.Least > 0);
        var entries = new Dictionary<string, T>(StringComparer.Ordinal);
        if (map._node.Children.Count > rule.Most)
        {
            Report(key, $"expected at most {rule.Most} entries, got {map._node.Children.Count}");
            return entries;
        }

        if (map._node.Children.Count < rule.Least && Has(key))
        {
            Report(key, $"expected at least {rule.Least} entry, got none");
        }

        foreach (var (node, _) in map._node.Children)
        {
            var name = Text(node) ?? "";
            if (rule.Keys.Accepts(name))
            {
                entries[name] = read(map, name);
            }
            else
            {
                map.Report(name, $"expected {rule.Keys.Expected} for a name, got {Describe(node)}", node);
            }
        }

        return entries;
    }

    public override string Text(string key, TextRule rule, string fallback = "", bool required = false) =>
        Scalar(key, rule.Expected, rule.Accepts, required) ?? fallback;

    public override T OneOf<T>(string key, T fallback, IReadOnlyDictionary<string, T> choices, Default basis = Default.Fixed, bool required = false) =>
        Scalar(key, $"one of {string.Join(", ", choices.Keys)}", choices.ContainsKey, required) is { } text ? choices[text] : fallback;

    public override int Integer(string key, int fallback, int least = int.MinValue, int most = int.MaxValue, Default basis = Default.Fixed)
    {
        var expected = (least, most) switch
        {
            (int.MinValue, _) => "a whole number",
            (_, int.MaxValue) => $"a whole number of at least {least}",
            _ => $"a whole number from {least} to {most}",
        };
        var text = Scalar(key, expected, value => TryInteger(value, out var number) && number >= least && number <= most);
        return text is not null && TryInteger(text, out var result) ? result : fallback;
    }

    public override double Number(string key, double fallback, NumberRule rule, Default basis = Default.Fixed)
    {
        var text = Scalar(key, rule.Expected, value => TryNumber(value, out var number) && rule.Accepts(number));
        return text is not null && TryNumber(text, out var result) ? result : fallback;
    }

    public override bool Boolean(string key, bool fallback) =>
        OneOf(key, fallback, new Dictionary<string, bool> { ["true"] = true, ["false"] = false });

    public override TimeSpan? Time(string key, TimeSpan? fallback)
    {
        var text = Scalar(key, "a length of time such as 90s, 5m or 1h30m", static value => Duration.TryParse(value, out var time) && time > TimeSpan.Zero);
        return text is not null && Duration.TryParse(text, out var result) ? result : fallback;
    }

    public override Quantity? Amount(string key, string resource, bool required = false)
    {
        var counted = ResourceName.IsExtended(resource);
        var expected = counted ? "a whole number of devices" : "a Kubernetes quantity such as 2, 500m or 4Gi";
        var text = Scalar(key, expected, value => Quantity.TryParse(value, out _) && (!counted || Quantity.IsCount(value)), required);
        return text is not null && Quantity.TryParse(text, out var quantity) ? quantity : null;
    }

    public override void Refuse(string key, string why)
    {
        if (Has(key))
        {
            Report(key, why);
        }
    }

    /// <summary>Names the nearest known field.</summary>
    public override void RefuseOthers()
    {
        foreach (var (key, _) in _node.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (!_known.Contains(name))
            {
                var nearest = _known.MinBy(known => Spelling.Distance(known, name));
                var hint = nearest is not null && Spelling.Distance(nearest, name) <= Math.Max(1, name.Length / 3) ? $"did you mean '{nearest}'?" : $"known here: {string.Join(", ", _known.Order(StringComparer.Ordinal))}";
                Report(name, $"unknown field; {hint}", key);
            }
        }
    }

    private string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{(key.Contains('.', StringComparison.Ordinal) ? $"\"{key}\"" : key)}";

    // What came from an override or an API server stands in no file, and claims line 1.
    private void Report(string key, string message, YamlNode? at) => _problems.Add(new JobProblem(PathOf(key), at?.Start.Line is > 1 and var line ? (int)line : 0, message));

    private YamlFieldMap MapOf(string key, bool required)
    {
        var node = Find(key, required, "a map");
        if (node is not null and not YamlMappingNode && Text(node) is not "")
        {
            Report(key, $"expected a map of fields, got {Describe(node)}", node);
        }

        return new YamlFieldMap(PathOf(key), node as YamlMappingNode ?? [], _problems);
    }

    private IList<YamlNode> Items(string key, ListRule rule, string of)
    {
        if (Find(key, rule.Least > 0, $"a list of {of}") is not { } node)
        {
            return [];
        }

        if (node is not YamlSequenceNode list)
        {
            Report(key, $"expected a list of {of}, got {Describe(node)}", node);
            return [];
        }

        if (list.Children.Count < rule.Least || list.Children.Count > rule.Most)
        {
            Report(key, list.Children.Count < rule.Least ? $"expected at least {rule.Least} of them, got {list.Children.Count}" : $"expected at most {rule.Most} of them, got {list.Children.Count}", node);
            return [];
        }

        return list.Children;
    }

    private string? Scalar(string key, string expected, Func<string, bool> accepts, bool required = false)
    {
        if (Find(key, required, expected) is not { } node)
        {
            return null;
        }

        if (Text(node) is { } text && accepts(text))
        {
            return text;
        }

        Report(key, $"expected {expected}, got {Describe(node)}", node);
        return null;
    }

    private YamlNode? Find(string key, bool required = false, string expected = "")
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
        YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.Any } scalar => Short(scalar.Value!),
        YamlScalarNode scalar => $"\"{Short(scalar.Value!)}\"",
        YamlSequenceNode => "a list",
        _ => "a map",
    };

    private static string Short(string text) => text.Length <= 100 ? text : $"{text[..97]}...";

    private static bool TryInteger(string text, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
