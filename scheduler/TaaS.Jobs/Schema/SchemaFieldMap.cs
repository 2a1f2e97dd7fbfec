using System.Text.Json.Nodes;

namespace TaaS.Jobs;

/// <summary>
/// Notes what a reader asks for, as a structural schema. What is unknown is kept: the operator refuses it by name,
/// where an API server would drop it and let a misspelt field go unnoticed.
/// </summary>
internal sealed class SchemaFieldMap : FieldMap
{
    /// <summary>Stands for a key of the user's in the path of a field.</summary>
    public const string AnyKey = "*";

    private readonly string _path;
    private readonly SchemaNotes _notes;
    private readonly JsonObject _properties = [];
    private readonly JsonArray _required = [];

    public SchemaFieldMap(string path, SchemaNotes notes)
    {
        (_path, _notes) = (path, notes);
        Schema = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true, ["properties"] = _properties };
        _notes.Annotate(path, Schema);
    }

    /// <summary>The schema so far.</summary>
    public JsonObject Schema { get; }

    public override bool Has(string key) => true;

    public override void Report(string key, string message)
    {
        // A schema has no values that could be wrong.
    }

    public override void Refuse(string key, string why)
    {
        // Unknown to the schema, so that it comes to the reader who refuses it.
    }

    public override void RefuseOthers()
    {
        if (_required.Count > 0)
        {
            Schema["required"] = _required;
        }
    }

    public override FieldMap Map(string key, bool required = false)
    {
        Require(key, required);
        var map = new SchemaFieldMap(PathOf(key), _notes);
        _properties[key] = map.Schema;
        return map;
    }

    public override IReadOnlyList<T> List<T>(string key, ListRule rule, Func<FieldMap, T> read)
    {
        Require(key, rule.Least > 0);
        var item = new SchemaFieldMap(PathOf(key) + "[]", _notes);
        var list = ListOf(rule, item.Schema);
        list["x-kubernetes-list-type"] = rule.Key is null ? "atomic" : "map";
        if (rule.Key is not null)
        {
            list["x-kubernetes-list-map-keys"] = new JsonArray(rule.Key);
        }

        Add(key, list);
        return [read(item)];
    }

    public override IReadOnlyList<string> Texts(string key, ListRule rule, TextRule item)
    {
        Require(key, rule.Least > 0);
        var list = ListOf(rule, SchemaTypes.Text(item));
        list["x-kubernetes-list-type"] = rule.Key is null ? "atomic" : "set";
        Add(key, list);
        return [];
    }

    public override IReadOnlyDictionary<string, T> Entries<T>(string key, EntriesRule rule, Func<FieldMap, string, T> read)
    {
        Require(key, rule.Least > 0);
        var entries = new SchemaFieldMap(PathOf(key), _notes);
        var value = read(entries, AnyKey);
        var entry = entries._properties[AnyKey]!;
        entries._properties.Remove(AnyKey);
        var map = new JsonObject { ["type"] = "object", ["maxProperties"] = rule.Most };
        if (rule.Least > 0)
        {
            map["minProperties"] = rule.Least;
        }

        map["additionalProperties"] = entry;
        Add(key, map);
        return new Dictionary<string, T> { [AnyKey] = value };
    }

    public override string Text(string key, TextRule rule, string fallback = "", bool required = false)
    {
        Require(key, required);
        Add(key, SchemaTypes.Text(rule), fallback.Length > 0 ? fallback : null);
        return fallback;
    }

    public override T OneOf<T>(string key, T fallback, IReadOnlyDictionary<string, T> choices, Default basis = Default.Fixed, bool required = false)
    {
        Require(key, required);
        Add(key, SchemaTypes.OneOf(choices.Keys), basis == Default.Fixed && !required ? JobWriter.Word(choices, fallback) : null);
        return fallback;
    }

    public override int Integer(string key, int fallback, int least = int.MinValue, int most = int.MaxValue, Default basis = Default.Fixed)
    {
        Add(key, SchemaTypes.Integer(least, most), basis == Default.Fixed ? fallback : null);
        return fallback;
    }

    public override double Number(string key, double fallback, NumberRule rule, Default basis = Default.Fixed)
    {
        Add(key, SchemaTypes.Number(rule), basis == Default.Fixed ? fallback : null);
        return fallback;
    }

    public override bool Boolean(string key, bool fallback)
    {
        Add(key, new JsonObject { ["type"] = "boolean" }, fallback);
        return fallback;
    }

    public override TimeSpan? Time(string key, TimeSpan? fallback)
    {
        Add(key, SchemaTypes.Time(), fallback is { } time ? Duration.Format(time) : null);
        return fallback;
    }

    public override Quantity? Amount(string key, string resource, bool required = false)
    {
        Require(key, required);
        Add(key, SchemaTypes.Amount());
        return null;
    }

    private static JsonObject ListOf(ListRule rule, JsonObject item)
    {
        var list = new JsonObject { ["type"] = "array", ["maxItems"] = rule.Most };
        if (rule.Least > 0)
        {
            list["minItems"] = rule.Least;
        }

        list["items"] = item;
        return list;
    }

    private void Add(string key, JsonObject schema, JsonNode? byDefault = null)
    {
        if (byDefault is not null)
        {
            schema["default"] = byDefault;
        }

        _notes.Annotate(PathOf(key), schema);
        _properties[key] = schema;
    }

    private void Require(string key, bool required)
    {
        if (required)
        {
            _required.Add(key);
        }
    }

    private string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{key}";
}
