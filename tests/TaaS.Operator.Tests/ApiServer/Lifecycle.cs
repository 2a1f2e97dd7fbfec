using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>What happens to objects between request and database: names, versions, generations, finalizers, grace, and collection of what lost its owner.</summary>
internal sealed partial class Lifecycle(Database database, TimeProvider time)
{
    private const int DefaultGraceSeconds = 30;

    /// <summary>False keeps dependents of a deleted owner, as when no controller manager runs.</summary>
    public bool CollectsGarbage { get; set; } = true;

    public static string Format(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public JsonObject Create(ApiResource kind, string? space, JsonObject body, string manager, bool isDryRun = false)
    {
        var item = JsonPath.Clone(body);
        Check(kind, item);
        var metadata = JsonPath.Object(item, "metadata");
        if (metadata["name"] is null && metadata["generateName"]?.GetValue<string>() is { } prefix)
        {
            metadata["name"] = prefix + Guid.NewGuid().ToString("N")[..5];
        }

        var name = metadata["name"]?.GetValue<string>() ?? throw ApiError.Invalid(kind, "", "metadata.name: Required value: name or generateName is required");
        CheckName(kind, name);
        if (kind.IsNamespaced)
        {
            if (metadata["namespace"]?.GetValue<string>() is { } named && named != space)
            {
                throw ApiError.BadRequest($"the namespace of the provided object does not match the namespace sent on the request");
            }

            metadata["namespace"] = space;
            if (database.Find(new ObjectKey(ApiResource.BuiltIn[0], null, space!)) is null)
            {
                throw new ApiError(404, "NotFound", $"namespaces \"{space}\" not found");
            }
        }

        var key = new ObjectKey(kind, kind.IsNamespaced ? space : null, name);
        if (database.Find(key) is not null)
        {
            throw ApiError.AlreadyExists(kind, name);
        }

        if (metadata["resourceVersion"] is { } version && version.ToString() is not ("" or "0"))
        {
            throw ApiError.BadRequest("resourceVersion should not be set on objects to be created");
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Format(time.GetUtcNow());
        metadata.Remove("deletionTimestamp");
        metadata.Remove("resourceVersion");
        if (kind.HasStatus)
        {
            metadata["generation"] = 1;
            if (kind.Plural != "nodes")
            {
                item.Remove("status");
            }
        }

        if (kind is { Group: "", Plural: "pods" })
        {
            PodRules.PrepareNew(kind, item);
        }
        else if (kind.Plural == "customresourcedefinitions")
        {
            Kinds.PrepareNew(item, time);
        }

        ServerSideApply.Track(kind, null, item, manager, time.GetUtcNow());
        if (!isDryRun)
        {
            database.Put(key, item);
            if (OwnerUids(item).Any())
            {
                // Its owner may have gone while it was on its way.
                Collect();
            }
        }

        return item;
    }

    public JsonObject Replace(ObjectKey key, JsonObject body, string subresource, string manager, bool isDryRun = false)
    {
        var live = database.Find(key) ?? throw ApiError.NotFound(key.Kind, key.Name);
        Check(key.Kind, body);
        var wanted = JsonPath.Clone(body);
        var metadata = JsonPath.Object(wanted, "metadata");
        if (metadata["name"]?.GetValue<string>() != key.Name)
        {
            throw ApiError.BadRequest($"the name of the object ({metadata["name"]}) does not match the name on the URL ({key.Name})");
        }

        if (metadata["uid"]?.ToString() is { Length: > 0 } uid && uid != JsonPath.Text(live, "metadata.uid"))
        {
            throw ApiError.Conflict(key.Kind, key.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {JsonPath.Text(live, "metadata.uid")}");
        }

        if (metadata["resourceVersion"]?.ToString() is { Length: > 0 } version && version != JsonPath.Text(live, "metadata.resourceVersion"))
        {
            throw ApiError.Stale(key.Kind, key.Name);
        }

        foreach (var field in (string[])["uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "namespace"])
        {
            metadata[field] = live["metadata"]?[field]?.DeepClone();
            if (metadata[field] is null)
            {
                metadata.Remove(field);
            }
        }

        if (subresource == "status")
        {
            var status = wanted["status"]?.DeepClone();
            wanted = JsonPath.Clone(live);
            wanted["status"] = status;
            if (status is null)
            {
                wanted.Remove("status");
            }
        }
        else if (key.Kind.HasStatus)
        {
            wanted["status"] = live["status"]?.DeepClone();
            if (live["status"] is null)
            {
                wanted.Remove("status");
            }

            if (!JsonNode.DeepEquals(Content(live), Content(wanted)))
            {
                JsonPath.Set(wanted, "metadata.generation", (JsonPath.Number(live["metadata"]?["generation"]) ?? 0) + 1);
            }

            if (key.Kind is { Group: "", Plural: "pods" })
            {
                PodRules.CheckChange(key.Kind, live, wanted);
            }
        }

        ServerSideApply.Track(key.Kind, live, wanted, manager, time.GetUtcNow());
        return Store(key, live, wanted, isDryRun);
    }

    /// <summary>Deletes at once, or marks for deletion where finalizers or a pod's grace ask for time.</summary>
    public JsonObject Delete(ObjectKey key, JsonObject? options)
    {
        var live = database.Find(key) ?? throw ApiError.NotFound(key.Kind, key.Name);
        if (options?["preconditions"] is JsonObject preconditions)
        {
            foreach (var (field, named) in (ReadOnlySpan<(string, string)>)[("uid", "UID"), ("resourceVersion", "ResourceVersion")])
            {
                if (preconditions[field]?.ToString() is { } wanted && wanted != JsonPath.Text(live, $"metadata.{field}"))
                {
                    throw ApiError.Conflict(key.Kind, key.Name, $"Precondition failed: {named} in precondition: {wanted}, {named} in object meta: {JsonPath.Text(live, $"metadata.{field}")}");
                }
            }
        }

        var grace = key.Kind is { Group: "", Plural: "pods" } ? GraceOf(live, options) : 0;
        var item = JsonPath.Clone(live);
        var metadata = JsonPath.Object(item, "metadata");
        switch (options?["propagationPolicy"]?.GetValue<string>())
        {
            case "Foreground":
                AddFinalizer(metadata, "foregroundDeletion");
                break;
            case "Orphan":
                Orphan(JsonPath.Text(live, "metadata.uid")!);
                break;
            default:
                break;
        }

        if (metadata["finalizers"] is not JsonArray { Count: > 0 } && grace == 0)
        {
            Remove(key, live);
            return live;
        }

        var deadline = Format(time.GetUtcNow() + TimeSpan.FromSeconds(grace));
        if (metadata["deletionTimestamp"] is null || JsonPath.Number(metadata["deletionGracePeriodSeconds"]) > grace)
        {
            metadata["deletionTimestamp"] = deadline;
            metadata["deletionGracePeriodSeconds"] = grace;
            database.Put(key, item);
            CollectForeground(key, item);
        }

        return database.Find(key) ?? item;
    }

    public void Bind(ObjectKey key, JsonObject binding)
    {
        var live = database.Find(key) ?? throw ApiError.NotFound(key.Kind, key.Name);
        var item = PodRules.Bind(key, live, binding, time.GetUtcNow());
        database.Put(key, item);
    }

    /// <summary>Removes what names an owner that is gone.</summary>
    public void Collect()
    {
        if (!CollectsGarbage)
        {
            return;
        }

        var uids = database.All.Select(static entry => JsonPath.Text(entry.Value, "metadata.uid")).ToHashSet();
        foreach (var (key, item) in database.All)
        {
            if (item["metadata"]?["ownerReferences"] is JsonArray { Count: > 0 } owners
                && owners.All(owner => !uids.Contains(owner?["uid"]?.GetValue<string>()))
                && item["metadata"]?["deletionTimestamp"] is null
                && database.Find(key) is not null)
            {
                Delete(key, new JsonObject { ["propagationPolicy"] = "Background" });
            }
        }
    }

    private JsonObject Store(ObjectKey key, JsonObject live, JsonObject wanted, bool isDryRun)
    {
        // What changes nothing is no change: no revision, no event.
        wanted["metadata"]!["resourceVersion"] = live["metadata"]!["resourceVersion"]!.DeepClone();
        if (isDryRun || JsonNode.DeepEquals(live, wanted))
        {
            return wanted;
        }

        if (wanted["metadata"]?["deletionTimestamp"] is not null
            && wanted["metadata"]?["finalizers"] is not JsonArray { Count: > 0 }
            && (JsonPath.Number(wanted["metadata"]?["deletionGracePeriodSeconds"]) ?? 0) == 0)
        {
            Remove(key, live);
            return wanted;
        }

        database.Put(key, wanted);
        return wanted;
    }

    private void Remove(ObjectKey key, JsonObject live)
    {
        database.Remove(key);
        if (key.Kind.Plural == "customresourcedefinitions" && Kinds.FromDefinition(live) is { } kind)
        {
            foreach (var (orphan, _) in database.All.Where(entry => entry.Key.Kind == kind))
            {
                database.Remove(orphan);
            }
        }

        Collect();
        FinishForeground(live);
    }

    // Dependents first; the owner follows when the last that blocks is gone.
    private void CollectForeground(ObjectKey key, JsonObject item)
    {
        if (!HasForeground(item))
        {
            return;
        }

        var uid = JsonPath.Text(item, "metadata.uid");
        var dependents = database.All.Where(entry => OwnerUids(entry.Value).Contains(uid)).ToList();
        foreach (var (dependent, value) in dependents)
        {
            if (value["metadata"]?["deletionTimestamp"] is null)
            {
                Delete(dependent, new JsonObject { ["propagationPolicy"] = "Background" });
            }
        }

        ReleaseForeground(key);
    }

    private void FinishForeground(JsonObject removed)
    {
        foreach (var (key, owner) in database.All.Where(entry => OwnerUids(removed).Contains(JsonPath.Text(entry.Value, "metadata.uid"))).ToList())
        {
            if (HasForeground(owner))
            {
                ReleaseForeground(key);
            }
        }
    }

    private void ReleaseForeground(ObjectKey key)
    {
        if (database.Find(key) is not { } owner || database.All.Any(entry => OwnerUids(entry.Value).Contains(JsonPath.Text(owner, "metadata.uid"))))
        {
            return;
        }

        var item = JsonPath.Clone(owner);
        var finalizers = (JsonArray)item["metadata"]!["finalizers"]!;
        finalizers.Remove(finalizers.First(static name => name!.GetValue<string>() == "foregroundDeletion"));
        Store(key, owner, item, false);
    }

    private void Orphan(string uid)
    {
        foreach (var (key, value) in database.All.Where(entry => OwnerUids(entry.Value).Contains(uid)).ToList())
        {
            var item = JsonPath.Clone(value);
            var owners = (JsonArray)item["metadata"]!["ownerReferences"]!;
            item["metadata"]!["ownerReferences"] = new JsonArray([.. owners.Where(owner => owner!["uid"]!.GetValue<string>() != uid).Select(static owner => owner!.DeepClone())]);
            database.Put(key, item);
        }
    }

    private static IEnumerable<string?> OwnerUids(JsonObject item) =>
        (item["metadata"]?["ownerReferences"] as JsonArray ?? []).Select(static owner => owner?["uid"]?.GetValue<string>());

    private static bool HasForeground(JsonObject item) =>
        item["metadata"]?["deletionTimestamp"] is not null && (item["metadata"]?["finalizers"] as JsonArray ?? []).Any(static name => name!.GetValue<string>() == "foregroundDeletion");

    private static void AddFinalizer(JsonObject metadata, string name)
    {
        var finalizers = metadata["finalizers"] as JsonArray ?? [];
        if (!finalizers.Any(finalizer => finalizer!.GetValue<string>() == name))
        {
            metadata["finalizers"] = new JsonArray([.. finalizers.Select(static finalizer => finalizer!.DeepClone()), name]);
        }
    }

    private static long GraceOf(JsonObject pod, JsonObject? options)
    {
        var asked = JsonPath.Number(options?["gracePeriodSeconds"]) ?? JsonPath.Number(pod["spec"]?["terminationGracePeriodSeconds"]) ?? DefaultGraceSeconds;
        // Nobody would end a pod that no kubelet has, or that has ended.
        return pod["spec"]?["nodeName"] is null || JsonPath.Text(pod, "status.phase") is "Succeeded" or "Failed" ? 0 : asked;
    }

    private static JsonObject Content(JsonObject item)
    {
        var content = JsonPath.Clone(item);
        content.Remove("metadata");
        content.Remove("status");
        return content;
    }

    private static void Check(ApiResource kind, JsonObject item)
    {
        if (item["apiVersion"]?.GetValue<string>() is { } version && version != kind.ApiVersion)
        {
            throw ApiError.BadRequest($"the API version in the data ({version}) does not match the expected API version ({kind.ApiVersion})");
        }

        if (item["kind"]?.GetValue<string>() is { } named && named != kind.Kind)
        {
            throw ApiError.BadRequest($"the object provided is unrecognized (must be of type {kind.Kind}): it is a {named}");
        }

        item["apiVersion"] = kind.ApiVersion;
        item["kind"] = kind.Kind;
    }

    private static void CheckName(ApiResource kind, string name)
    {
        if (kind.NeedsLabelName ? !Label().IsMatch(name) : name.Length > 253 || !Subdomain().IsMatch(name))
        {
            throw ApiError.Invalid(kind, name, $"metadata.name: Invalid value: \"{name}\": a lowercase RFC 1123 {(kind.NeedsLabelName ? "label" : "subdomain")} must consist of lower case alphanumeric characters or '-'");
        }
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex Subdomain();
}
