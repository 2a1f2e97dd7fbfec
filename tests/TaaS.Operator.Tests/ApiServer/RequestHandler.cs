using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>From a request to an answer.</summary>
internal sealed class RequestHandler(Database database, Lifecycle lifecycle, TimeProvider time)
{
    private static readonly JsonObject Done = new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success" };

    public (int Code, JsonNode Answer) Answer(HttpRequest request, string body)
    {
        lock (database.Gate)
        {
            var path = request.Path.Value ?? "";
            if (request.Method == "GET" && AnswerDiscovery(path.TrimEnd('/')) is { } found)
            {
                return (200, found);
            }

            var parsed = RequestPath.Parse(path) ?? throw ApiError.NoSuchPath();
            var kind = Kinds.Find(database, parsed.Group, parsed.Version, parsed.Plural ?? "") ?? throw ApiError.NoSuchPath();
            if (parsed.Name is null)
            {
                return AnswerCollection(request, kind, parsed.Space, body);
            }

            var key = new ObjectKey(kind, kind.IsNamespaced ? parsed.Space : null, parsed.Name);
            return parsed.Subresource switch
            {
                null => AnswerObject(request, key, body),
                "status" when kind.HasStatus => AnswerStatus(request, key, body),
                "scale" when kind.SpecReplicasPath is not null => AnswerScale(request, key, body),
                "binding" when kind.Plural == "pods" && request.Method == "POST" => Bind(key, body),
                "eviction" when kind.Plural == "pods" && request.Method == "POST" => (201, Delete(key, Parse(body)["deleteOptions"] as JsonObject)),
                _ => throw ApiError.NoSuchPath(),
            };
        }
    }

    public WatchStream? Watch(HttpRequest request)
    {
        lock (database.Gate)
        {
            var parsed = RequestPath.Parse(request.Path.Value ?? "") ?? throw ApiError.NoSuchPath();
            var kind = Kinds.Find(database, parsed.Group, parsed.Version, parsed.Plural ?? "") ?? throw ApiError.NoSuchPath();
            var fields = parsed.Name is null ? request.Query["fieldSelector"].ToString() : $"metadata.name={parsed.Name}";
            return new WatchStream(
                database,
                kind,
                parsed.Space,
                new Selector(request.Query["labelSelector"], fields),
                request.Query["resourceVersion"].ToString(),
                int.TryParse(request.Query["timeoutSeconds"], CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromMinutes(30));
        }
    }

    private JsonNode? AnswerDiscovery(string path)
    {
        var kinds = Kinds.Served(database).ToList();
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            ["version"] => Discovery.Version,
            ["healthz"] or ["readyz"] or ["livez"] => JsonValue.Create("ok"),
            ["openapi", "v2"] => new JsonObject { ["swagger"] = "2.0", ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.26.0" }, ["paths"] = new JsonObject(), ["definitions"] = new JsonObject() },
            ["api"] => Discovery.CoreVersions,
            ["apis"] => Discovery.Groups(kinds),
            ["api", "v1"] => Discovery.Resources("v1", kinds.Where(static kind => kind.Group.Length == 0)),
            ["apis", var group] when kinds.Find(kind => kind.Group == group) is { } first => Discovery.Group(group, first.Version),
            ["apis", var group, var version] when kinds.Exists(kind => kind.Group == group && kind.Version == version) =>
                Discovery.Resources($"{group}/{version}", kinds.Where(kind => kind.Group == group && kind.Version == version)),
            _ => null,
        };
    }

    private (int, JsonNode) AnswerCollection(HttpRequest request, ApiResource kind, string? space, string body) => request.Method switch
    {
        "GET" => (200, List(request, kind, space)),
        "POST" => (201, lifecycle.Create(kind, space, Parse(body), Manager(request), IsDryRun(request)).DeepClone()),
        "DELETE" => (200, DeleteAll(request, kind, space, body)),
        _ => throw new ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
    };

    private (int, JsonNode) AnswerObject(HttpRequest request, ObjectKey key, string body) => request.Method switch
    {
        "GET" => (200, Find(key).DeepClone()),
        "PUT" => (200, lifecycle.Replace(key, Parse(body), "", Manager(request), IsDryRun(request)).DeepClone()),
        "PATCH" => Patch(request, key, body, ""),
        "DELETE" => (200, Delete(key, DeleteOptions(request, body))),
        _ => throw new ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
    };

    private (int, JsonNode) AnswerStatus(HttpRequest request, ObjectKey key, string body) => request.Method switch
    {
        "GET" => (200, Find(key).DeepClone()),
        "PUT" => (200, lifecycle.Replace(key, Parse(body), "status", Manager(request), IsDryRun(request)).DeepClone()),
        "PATCH" => Patch(request, key, body, "status"),
        _ => throw new ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
    };

    private (int, JsonNode) AnswerScale(HttpRequest request, ObjectKey key, string body)
    {
        var live = Find(key);
        var scale = request.Method switch
        {
            "GET" => null,
            "PUT" => Parse(body),
            "PATCH" => Patches.Merge(Scale.Of(key.Kind, live), Parse(body)),
            _ => throw new ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
        };
        var item = scale is null ? live : lifecycle.Replace(key, Scale.ApplyTo(key.Kind, live, scale), "", Manager(request), IsDryRun(request));
        return (200, Scale.Of(key.Kind, item));
    }

    private (int, JsonNode) Patch(HttpRequest request, ObjectKey key, string body, string subresource)
    {
        var type = request.ContentType?.Split(';')[0] ?? "";
        if (type == "application/apply-patch+yaml")
        {
            return Apply(request, key, body, subresource);
        }

        var live = Find(key);
        var changed = type switch
        {
            "application/merge-patch+json" => Patches.Merge(live, Parse(body)),
            "application/json-patch+json" => Patches.Apply(live, JsonNode.Parse(body) as JsonArray ?? throw ApiError.BadRequest("a JSON patch is a list")),
            "application/strategic-merge-patch+json" when !key.Kind.IsCustom => Patches.StrategicMerge(live, Parse(body)),
            _ => throw new ApiError(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"),
        };
        return (200, lifecycle.Replace(key, changed, subresource, Manager(request), IsDryRun(request)).DeepClone());
    }

    private (int, JsonNode) Apply(HttpRequest request, ObjectKey key, string body, string subresource)
    {
        var manager = request.Query["fieldManager"].ToString();
        if (manager.Length == 0)
        {
            throw new ApiError(400, "BadRequest", "fieldManager is required for apply patch");
        }

        var applied = Parse(body);
        var live = database.Find(key);
        var merged = ServerSideApply.Apply(key.Kind, live, applied, manager, request.Query["force"] == "true", subresource, time.GetUtcNow());
        return live is null
            ? (201, lifecycle.Create(key.Kind, key.Space, merged, manager, IsDryRun(request)).DeepClone())
            : (200, lifecycle.Replace(key, merged, subresource, manager, IsDryRun(request)).DeepClone());
    }

    private (int, JsonNode) Bind(ObjectKey key, string body)
    {
        lifecycle.Bind(key, Parse(body));
        return (201, Done.DeepClone());
    }

    private JsonNode Delete(ObjectKey key, JsonObject? options)
    {
        var deleted = lifecycle.Delete(key, options);
        return database.Find(key) is null ? Done.DeepClone() : deleted.DeepClone();
    }

    private JsonNode DeleteAll(HttpRequest request, ApiResource kind, string? space, string body)
    {
        var selector = new Selector(request.Query["labelSelector"], request.Query["fieldSelector"]);
        foreach (var (key, _) in database.Of(kind, space).Where(entry => selector.Matches(entry.Value)).ToList())
        {
            lifecycle.Delete(key, DeleteOptions(request, body));
        }

        return Done.DeepClone();
    }

    private JsonObject List(HttpRequest request, ApiResource kind, string? space)
    {
        var selector = new Selector(request.Query["labelSelector"], request.Query["fieldSelector"]);
        var revision = database.Revision;
        var after = "";
        if (request.Query["continue"].ToString() is { Length: > 0 } token)
        {
            var parts = Encoding.UTF8.GetString(Convert.FromBase64String(token)).Split('\n');
            (revision, after) = (long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]);
            if (revision < database.Compacted)
            {
                throw ApiError.Expired("The provided continue parameter is too old to display a consistent list result.");
            }
        }

        var limit = int.TryParse(request.Query["limit"], CultureInfo.InvariantCulture, out var most) && most > 0 ? most : int.MaxValue;
        var rest = database.At(revision, kind, space).Where(entry => string.CompareOrdinal(entry.Key.Order, after) > 0 && selector.Matches(entry.Value)).ToList();
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture) };
        if (rest.Count > limit)
        {
            metadata["continue"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{revision}\n{rest[limit - 1].Key.Order}"));
            metadata["remainingItemCount"] = rest.Count - limit;
        }

        return new JsonObject
        {
            ["kind"] = $"{kind.Kind}List",
            ["apiVersion"] = kind.ApiVersion,
            ["metadata"] = metadata,
            ["items"] = new JsonArray([.. rest.Take(limit).Select(static entry => entry.Value.DeepClone())]),
        };
    }

    private JsonObject Find(ObjectKey key) => database.Find(key) ?? throw ApiError.NotFound(key.Kind, key.Name);

    private static JsonObject? DeleteOptions(HttpRequest request, string body)
    {
        var options = body.Length > 0 ? Parse(body) : [];
        foreach (var name in (string[])["propagationPolicy", "gracePeriodSeconds"])
        {
            if (request.Query[name].ToString() is { Length: > 0 } value && options[name] is null)
            {
                options[name] = name == "gracePeriodSeconds" ? long.Parse(value, CultureInfo.InvariantCulture) : value;
            }
        }

        return options;
    }

    private static JsonObject Parse(string body) => JsonNode.Parse(body) as JsonObject ?? throw ApiError.BadRequest("the body is no object");

    private static bool IsDryRun(HttpRequest request) => request.Query["dryRun"] == "All";

    private static string Manager(HttpRequest request) =>
        request.Query["fieldManager"].ToString() is { Length: > 0 } manager ? manager : request.Headers.UserAgent.ToString().Split('/')[0] is { Length: > 0 } agent ? agent : "unknown";
}
