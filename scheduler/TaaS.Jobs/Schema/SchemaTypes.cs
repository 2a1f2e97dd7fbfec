using System.Text.Json.Nodes;

namespace TaaS.Jobs;

/// <summary>Schemas of single values, as OpenAPI 3.0 writes them.</summary>
internal static class SchemaTypes
{
    public static JsonObject Text(TextRule rule)
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (!rule.CanBeEmpty)
        {
            schema["minLength"] = 1;
        }

        schema["maxLength"] = rule.MaxLength;
        if (rule.Pattern is { } pattern)
        {
            schema["pattern"] = pattern.ToString();
        }

        return schema;
    }

    public static JsonObject OneOf(IEnumerable<string> words) => new() { ["type"] = "string", ["enum"] = JobWriter.List(words, static word => word) };

    public static JsonObject Integer(int least, int most)
    {
        var schema = new JsonObject { ["type"] = "integer", ["format"] = "int32" };
        if (least != int.MinValue)
        {
            schema["minimum"] = least;
        }

        if (most != int.MaxValue)
        {
            schema["maximum"] = most;
        }

        return schema;
    }

    public static JsonObject Number(NumberRule rule)
    {
        var schema = new JsonObject { ["type"] = "number", ["minimum"] = rule.Least };
        if (!rule.IsLeastIn)
        {
            schema["exclusiveMinimum"] = true;
        }

        if (rule.Most is { } most)
        {
            schema["maximum"] = most;
            if (!rule.IsMostIn)
            {
                schema["exclusiveMaximum"] = true;
            }
        }

        return schema;
    }

    public static JsonObject Time() => new()
    {
        ["type"] = "string",
        ["minLength"] = 2,
        ["maxLength"] = 40,
        ["pattern"] = "^([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?$",
        // Not nothing, such as 0s.
        ["allOf"] = new JsonArray(new JsonObject { ["pattern"] = "[1-9]" }),
    };

    public static JsonObject Amount() => new()
    {
        ["x-kubernetes-int-or-string"] = true,
        ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
        ["minimum"] = 0,
        ["maxLength"] = Quantity.MaxLength,
        ["pattern"] = Quantity.Form().ToString(),
    };
}
