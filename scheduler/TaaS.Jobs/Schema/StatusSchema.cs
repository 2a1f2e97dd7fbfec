using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace TaaS.Jobs;

/// <summary>The schema of a status, from how it is written to JSON.</summary>
internal static class StatusSchema
{
    public static JsonObject Of(string path, JsonTypeInfo type, SchemaNotes notes)
    {
        var properties = new JsonObject();
        // What is left out of the JSON has no getter here.
        foreach (var property in type.Properties.Where(static property => property.Get is not null))
        {
            var schema = Of($"{path}.{property.Name}", property.PropertyType, type.Options, notes);
            notes.Annotate($"{path}.{property.Name}", schema);
            properties[property.Name] = schema;
        }

        var map = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (type.Type == typeof(Condition))
        {
            map["required"] = new JsonArray("type", "status", "reason", "message", "lastTransitionTime");
        }

        notes.Annotate(path, map);
        return map;
    }

    private static JsonObject Of(string path, Type type, System.Text.Json.JsonSerializerOptions options, SchemaNotes notes)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
        {
            return SchemaTypes.OneOf(Enum.GetNames(type));
        }

        var arguments = type.GetGenericArguments();
        return type switch
        {
            _ when type == typeof(string) => new JsonObject { ["type"] = "string" },
            _ when type == typeof(int) => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
            _ when type == typeof(long) => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
            _ when type == typeof(DateTimeOffset) => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            _ when arguments.Length == 2 => new JsonObject { ["type"] = "object", ["additionalProperties"] = Of(path + ".*", arguments[1], options, notes) },
            _ when arguments.Length == 1 => ListOf(arguments[0], Of(path + "[]", arguments[0], options, notes)),
            _ => Of(path, options.GetTypeInfo(type), notes),
        };
    }

    private static JsonObject ListOf(Type item, JsonObject items)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = items, ["x-kubernetes-list-type"] = item == typeof(Condition) ? "map" : "atomic" };
        if (item == typeof(Condition))
        {
            list["x-kubernetes-list-map-keys"] = new JsonArray("type");
        }

        return list;
    }
}
