using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TaaS.Jobs.Tests;

/// <summary>
/// Asks the readers, by their messages, what they know, and compares it with the schemas. A field in one of them alone is
/// either refused by the API server or refused by the operator, and the user cannot know which to believe.
/// </summary>
public sealed partial class SchemaAgreementTests
{
    private const string Stranger = "zzzzzzzzzzzzzzzzzzzzzzzz";

    private static readonly Dictionary<string, Func<JsonElement, object>> Readers = new()
    {
        [TrainingJob.Kind] = static spec => TrainingJob.FromSpec("a", spec),
        [Queue.Kind] = static spec => Queue.FromSpec("a", spec),
        [ResourceFlavor.Kind] = static spec => ResourceFlavor.FromSpec("a", spec),
    };

    public static TheoryData<string, string> Objects => Paths(static schema => schema["properties"] is JsonObject { Count: > 0 });

    public static TheoryData<string, string> Words => Paths(static schema => schema["enum"] is not null || schema["type"]?.GetValue<string>() == "boolean");

    public static TheoryData<string, string> Numbers => Paths(static schema => schema["type"]?.GetValue<string>() is "integer" or "number");

    [Theory]
    [MemberData(nameof(Objects))]
    public void Object_HasTheFieldsThatItsReaderKnows(string kind, string path)
    {
        var known = Known().Match(Ask(kind, Join(path, Stranger), 1));
        Assert.Equal(SchemaAt(kind, path)["properties"]!.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal), known.Groups["fields"].Value.Split(", "));
    }

    [Theory]
    [MemberData(nameof(Objects))]
    public void Object_RequiresWhatItsReaderMisses(string kind, string path)
    {
        var prefix = Regex.Escape((path.Length == 0 ? "spec" : $"spec.{path}").Replace("[]", "[0]", StringComparison.Ordinal).Replace(".*", ".cpu", StringComparison.Ordinal));
        var missed = Regex.Matches(Ask(kind, path, new JsonObject()), $@"{prefix}\.(\w+): is missing").Select(match => match.Groups[1].Value);
        var required = SchemaAt(kind, path)["required"]?.AsArray().Select(name => name!.GetValue<string>()) ?? [];
        Assert.Equal(required.Order(StringComparer.Ordinal), missed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void Word_HasTheChoicesThatItsReaderKnows(string kind, string path)
    {
        var schema = SchemaAt(kind, path);
        var choices = schema["enum"]?.AsArray().Select(word => word!.GetValue<string>()) ?? ["true", "false"];
        Assert.Contains($"expected one of {string.Join(", ", choices)}, got \"{Stranger}\"", Ask(kind, path, Stranger), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Number_HasTheBoundsThatItsReaderKnows(string kind, string path)
    {
        var schema = SchemaAt(kind, path);
        var farthest = schema["type"]!.GetValue<string>() == "integer" ? int.MaxValue : 1e300;
        foreach (var (bound, isOut, step) in new[] { ("minimum", "exclusiveMinimum", -1), ("maximum", "exclusiveMaximum", 1) })
        {
            Assert.True(schema[bound] is not null || !IsRefused(kind, path, step * farthest), $"{path}: its reader has a {bound}");
            if (schema[bound] is { } limit)
            {
                var value = double.Parse(limit.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);
                Assert.Equal(schema[isOut] is null, !IsRefused(kind, path, value));
                Assert.True(IsRefused(kind, path, value + step), $"{path}: {value + step} is beyond the {bound}");
            }
        }
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"strategy": "ring", "replicas": {"worker": {"count": 4}}}""")]
    [InlineData("""{"update": {}}""")]
    [InlineData("""{"update": {"mode": "ssp"}}""")]
    [InlineData("""{"strategy": "ring", "update": {}, "replicas": {"worker": {"count": 4}}}""")]
    [InlineData("""{"precision": "f16", "device": "cuda:0"}""")]
    [InlineData("""{"optimizer": {}, "policy": {}, "output": {}, "checkpoint": {}, "placement": {"topologyKey": "rack"}}""")]
    [InlineData("""{"replicas": {"ps": {}, "worker": {"tolerations": [{"operator": "Exists"}]}, "evaluator": {}}}""")]
    public void Defaults_OfTheSchema_ChangeNothing(string json)
    {
        var spec = JsonNode.Parse(json)!.AsObject();
        foreach (var (key, value) in JsonNode.Parse("""{"program": {"example": "a"}, "data": {"path": "d"}, "replicas": {"worker": {}}}""")!.AsObject())
        {
            spec.TryAdd(key, value!.DeepClone());
        }

        var asWritten = TrainingJob.FromSpec("a", Element(spec)).ToYaml();
        FillIn(spec, SchemaAt(TrainingJob.Kind, ""));

        Assert.True(spec.ContainsKey("queue"));
        Assert.Equal(asWritten, TrainingJob.FromSpec("a", Element(spec)).ToYaml());
    }

    [Fact]
    public void Writer_WritesEveryFieldThatTheReaderKnows()
    {
        string[][] variants =
        [
            [],
            ["spec.program={path: a}", "spec.data.volume={hostPath: /a}", "spec.output.volume={emptyDir: {}}"],
            ["spec.data.volume={claim: a}", "spec.output.volume={hostPath: /a}", "spec.replicas.worker.min=1", "spec.replicas.evaluator={count: 1}"],
            ["spec.data.volume={emptyDir: {}}", "spec.output.volume={nfs: {server: a, path: /b}}"],
            ["spec.policy={activeDeadline: 1h, ttlAfterFinished: 1h}", "spec.replicas.worker.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution=[{weight: 1, preference: {matchExpressions: [{key: a, operator: In, values: [b]}], matchFields: [{key: metadata.name, operator: In, values: [c]}]}}]"],
        ];
        var written = variants.Select(settings => TrainingJob.Parse(ClusterFieldTests.Full, settings))
            .Append(TrainingJob.Parse(ClusterFieldTests.Minimal, ["spec.program={image: a, command: [b]}"]))
            .SelectMany(job => Leaves("", job.ToJson()["spec"])).Select(General).ToHashSet();
        var known = Walk("", SchemaAt(TrainingJob.Kind, "")).Where(at => at.Schema["properties"] is not JsonObject { Count: > 0 } && at.Schema["items"]?["properties"] is null && at.Schema["additionalProperties"] is null)
            .Select(at => General(at.Path.Replace(".*", "", StringComparison.Ordinal))).ToHashSet();
        Assert.Empty(known.Except(written).Order(StringComparer.Ordinal));

        // Roles have the same fields but for bounds, and one of them shows all.
        static string General(string path) => path.Replace("replicas.ps.", "replicas.worker.", StringComparison.Ordinal).Replace("replicas.evaluator.", "replicas.worker.", StringComparison.Ordinal).Replace("[]", "", StringComparison.Ordinal);
    }

    [Fact]
    public void Status_HasEveryFieldThatIsWritten()
    {
        var status = new TrainingJobStatus
        {
            Reason = "a",
            Message = "b",
            Selector = "c",
            QueuePosition = 1,
            EarliestStart = DateTimeOffset.UnixEpoch,
            NotBefore = DateTimeOffset.UnixEpoch,
            SubmitTime = DateTimeOffset.UnixEpoch,
            StartTime = DateTimeOffset.UnixEpoch,
            CompletionTime = DateTimeOffset.UnixEpoch,
        };
        var version = Version(TrainingJob.Kind);
        var properties = version["schema"]!["openAPIV3Schema"]!["properties"]!["status"]!["properties"]!.AsObject();
        Assert.Equal(JsonNode.Parse(status.ToJson())!.AsObject().Select(field => field.Key), properties.Select(field => field.Key));
        Assert.Equal(Enum.GetNames<JobPhase>(), properties["phase"]!["enum"]!.AsArray().Select(word => word!.GetValue<string>()));
    }

    [Theory]
    [InlineData(TrainingJob.Kind)]
    [InlineData(Queue.Kind)]
    [InlineData(ResourceFlavor.Kind)]
    public void EveryField_IsDescribed_AndKeepsWhatItDoesNotKnow(string kind)
    {
        foreach (var (path, schema) in Walk("", SchemaAt(kind, "")))
        {
            Assert.True(path.EndsWith("[]", StringComparison.Ordinal) || path.EndsWith(".*", StringComparison.Ordinal) || schema["description"] is not null, $"{path} has no description");
            Assert.True(schema["properties"] is null || schema["x-kubernetes-preserve-unknown-fields"] is not null, $"{path} drops what it does not know");
        }
    }

    // Structural rules of apiextensions.k8s.io/v1 that an API server would refuse a definition for.
    [Theory]
    [InlineData(TrainingJob.Kind)]
    [InlineData(Queue.Kind)]
    [InlineData(ResourceFlavor.Kind)]
    public void Schema_IsStructural(string kind)
    {
        foreach (var (path, schema) in Walk("", Version(kind)["schema"]!["openAPIV3Schema"]!.AsObject()))
        {
            Assert.True(schema["type"] is not null || schema["x-kubernetes-int-or-string"] is not null, $"{path} has no type");
            Assert.False(schema["properties"] is not null && schema["additionalProperties"] is not null, $"{path}: properties and additionalProperties exclude each other");
            foreach (var name in schema["required"]?.AsArray().Select(name => name!.GetValue<string>()) ?? [])
            {
                Assert.True(schema["properties"]![name] is { } field && field["default"] is null, $"{path}.{name} is required, so it must be known and have no default");
            }

            foreach (var key in schema["x-kubernetes-list-map-keys"]?.AsArray().Select(key => key!.GetValue<string>()) ?? [])
            {
                Assert.Contains(key, schema["items"]!["required"]!.AsArray().Select(name => name!.GetValue<string>()));
            }
        }
    }

    private static TheoryData<string, string> Paths(Func<JsonObject, bool> wanted)
    {
        var paths = new TheoryData<string, string>();
        foreach (var kind in Readers.Keys)
        {
            foreach (var (path, _) in Walk("", SchemaAt(kind, "")).Where(at => wanted(at.Schema)))
            {
                paths.Add(kind, path);
            }
        }

        return paths;
    }

    private static JsonObject Version(string kind) => CustomResourceDefinition.All.Single(definition => definition.Kind == kind).ToJson()["spec"]!["versions"]![0]!.AsObject();

    private static JsonObject SchemaAt(string kind, string path) =>
        path.Split('.', StringSplitOptions.RemoveEmptyEntries).Aggregate(Version(kind)["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!.AsObject(), static (schema, part) =>
            part == "*" ? schema["additionalProperties"]!.AsObject()
            : part.EndsWith("[]", StringComparison.Ordinal) ? schema["properties"]![part[..^2]]!["items"]!.AsObject()
            : schema["properties"]![part]!.AsObject());

    private static IEnumerable<(string Path, JsonObject Schema)> Walk(string path, JsonObject schema)
    {
        yield return (path, schema);
        var below = (schema["properties"]?.AsObject() ?? []).Select(field => (Join(path, field.Key), field.Value!.AsObject()));
        if (schema["items"] is JsonObject items)
        {
            below = below.Append((path + "[]", items));
        }

        if (schema["additionalProperties"] is JsonObject values)
        {
            below = below.Append((path + ".*", values));
        }

        foreach (var child in below.SelectMany(at => Walk(at.Item1, at.Item2)))
        {
            yield return child;
        }
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    /// <summary>What the reader says to a spec that holds this value at the path, and little else.</summary>
    private static string Ask(string kind, string path, JsonNode value)
    {
        var spec = new JsonObject();
        var at = spec;
        var parts = path.Split('.', StringSplitOptions.RemoveEmptyEntries);
        foreach (var (index, part) in parts.Index())
        {
            var name = part == "*" ? "cpu" : part.Replace("[]", "", StringComparison.Ordinal);
            JsonNode child = index == parts.Length - 1 && !part.EndsWith("[]", StringComparison.Ordinal) ? value : new JsonObject();
            at[name] = part.EndsWith("[]", StringComparison.Ordinal) ? new JsonArray(child) : child;
            at = child as JsonObject ?? at;
        }

        return Record.Exception(() => Readers[kind](Element(spec)))?.Message ?? "";
    }

    private static bool IsRefused(string kind, string path, double value) =>
        Ask(kind, path, value).Contains($", got {JsonValue.Create(value).ToJsonString()}", StringComparison.Ordinal);

    private static void FillIn(JsonObject value, JsonObject schema)
    {
        foreach (var (key, field) in schema["properties"]?.AsObject() ?? [])
        {
            if (!value.ContainsKey(key) && field!["default"] is { } byDefault)
            {
                value[key] = byDefault.DeepClone();
            }

            if (value[key] is JsonObject map)
            {
                FillIn(map, field!.AsObject());
            }

            foreach (var item in value[key] as JsonArray ?? [])
            {
                if (item is JsonObject fields)
                {
                    FillIn(fields, field!["items"]!.AsObject());
                }
            }
        }
    }

    /// <summary>Paths of all values; those with the user's keys end at their map.</summary>
    private static IEnumerable<string> Leaves(string path, JsonNode? value) => value switch
    {
        JsonObject { Count: 0 } => [path],
        JsonObject when path.EndsWith(".resources", StringComparison.Ordinal) || path.EndsWith(".nodeSelector", StringComparison.Ordinal) || path.EndsWith(".env", StringComparison.Ordinal) => [path],
        JsonObject map => map.SelectMany(field => Leaves(Join(path, field.Key), field.Value)),
        JsonArray list => list.SelectMany(item => Leaves(path, item)),
        _ => [path],
    };

    private static JsonElement Element(JsonObject json) => JsonSerializer.SerializeToElement(json);

    [GeneratedRegex(Stranger + ": unknown field; known here: (?<fields>[^;(]+?)( \\(|;|$)", RegexOptions.ExplicitCapture)]
    private static partial Regex Known();
}
