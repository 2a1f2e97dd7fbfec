using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TaaS.Jobs;

/// <summary>Between JSON, as an API server speaks it, and YAML.</summary>
public static class JsonYaml
{
    private const string LetterText = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private static readonly SearchValues<char> Letters = SearchValues.Create(LetterText);

    private static readonly SearchValues<char> Wordly = SearchValues.Create(LetterText + "0123456789/-_.");

    /// <summary>Words that some reader of YAML takes for something else than text.</summary>
    private static readonly HashSet<string> Reserved = new(["true", "false", "null", "yes", "no", "on", "off", "y", "n"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Deepest nesting. Ours is a tenth of it; without a bound a few thousand brackets would take all of the stack.</summary>
    internal const int MaxDepth = 128;

    /// <summary>A document of the same content; null is a field without a value.</summary>
    /// <exception cref="JobException">Nested deeper than <see cref="MaxDepth"/>.</exception>
    internal static YamlNode ToYaml(JsonElement json, int depth = 0) => json.ValueKind switch
    {
        JsonValueKind.Object or JsonValueKind.Array when depth == MaxDepth => throw TooDeep("spec", 0, "is"),
        JsonValueKind.Object => Map(json.EnumerateObject().Select(field => (field.Name, ToYaml(field.Value, depth + 1)))),
        JsonValueKind.Array => new YamlSequenceNode(json.EnumerateArray().Select(item => ToYaml(item, depth + 1))),
        JsonValueKind.String => new YamlScalarNode(json.GetString()) { Style = ScalarStyle.DoubleQuoted },
        JsonValueKind.Null or JsonValueKind.Undefined => new YamlScalarNode(""),
        _ => new YamlScalarNode(json.GetRawText()),
    };

    /// <summary>Reads a text's documents.</summary>
    /// <param name="text">The text.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <exception cref="JobException">No YAML, or nested deeper than <see cref="MaxDepth"/>.</exception>
    internal static IList<YamlDocument> Load(string text, string what)
    {
        try
        {
            var depth = 0;
            var parser = new Parser(new StringReader(text));
            while (parser.MoveNext())
            {
                depth += parser.Current!.NestingIncrease;
                if (depth > MaxDepth)
                {
                    throw TooDeep("", (int)parser.Current.Start.Line, $"{what} is");
                }
            }

            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents;
        }
        catch (YamlException error)
        {
            throw new JobException([new JobProblem("", (int)error.Start.Line, $"{what} is not valid YAML: {error.InnerException?.Message ?? error.Message}")]);
        }
    }

    /// <summary>Text of a document, in blocks.</summary>
    public static string Write(JsonNode json)
    {
        var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(writer, EmitterSettings.Default.WithBestWidth(int.MaxValue));
        new YamlStream(new YamlDocument(ToBlock(json))).Save(emitter, assignAnchors: false);
        return writer.ToString().Replace("\n...\n", "\n", StringComparison.Ordinal);
    }

    private static JobException TooDeep(string path, int line, string subject) => new([new JobProblem(path, line, $"{subject} nested deeper than {MaxDepth} levels")]);

    private static YamlNode ToBlock(JsonNode? json) => json switch
    {
        JsonObject map => Map(map.Select(static field => (field.Key, ToBlock(field.Value)))),
        JsonArray list => new YamlSequenceNode(list.Select(ToBlock)),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Text(value.GetValue<string>()),
        null => new YamlScalarNode("null"),
        _ => new YamlScalarNode(json.ToJsonString()),
    };

    private static YamlMappingNode Map(IEnumerable<(string Key, YamlNode Value)> fields)
    {
        var map = new YamlMappingNode();
        foreach (var (key, value) in fields)
        {
            // JSON leaves open what a field given twice means; an API server keeps the last.
            map.Children[IsPlain(key) ? new YamlScalarNode(key) : Text(key)] = value;
        }

        return map;
    }

    /// <summary>Text that a reader might take for something else is quoted.</summary>
    private static YamlScalarNode Text(string value) => new(value) { Style = IsPlain(value) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted };

    // A word, path or label, or a number with a unit (5m, 2Gi, 1bit).
    private static bool IsPlain(string value)
    {
        var start = value.AsSpan().TrimStart("0123456789");
        return start.Length > 0
            && (start.Length == value.Length ? char.IsAsciiLetter(start[0]) || start[0] is '/' or '_' : value[0] != '0' && start.IndexOfAnyExcept(Letters) < 0)
            && start.IndexOfAnyExcept(Wordly) < 0
            && !Reserved.Contains(value);
    }
}
