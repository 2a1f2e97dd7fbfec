using System.Text.Json;
using System.Text.Json.Nodes;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>
/// Answers to admission reviews (admission.k8s.io/v1): stamps a job with who submitted it, and refuses what cannot run before it is stored.
/// </summary>
internal static class AdmissionReview
{
    private const string Create = "CREATE";

    /// <summary>Stamps a new job with who submitted it, whatever stood there; keeps the stamp of a changed one.</summary>
    /// <param name="review">The review.</param>
    /// <param name="key">What stamps are signed with.</param>
    /// <param name="now">The time.</param>
    public static JsonObject Mutate(JsonElement review, byte[] key, DateTimeOffset now)
    {
        var request = review.GetProperty("request");
        if (Kind(request) != TrainingJob.Kind)
        {
            return Allow(request);
        }

        var annotations = Annotations(request.GetProperty("object"));
        var isNew = request.GetProperty("operation").GetString() == Create;
        var stamp = !isNew ? SubmitterStamp.Of(name => Text(Annotations(request.GetProperty("oldObject")), name))
            : User(request) is { } user ? SubmitterStamp.Sign(key, Text(request, "namespace") ?? "", user, Groups(request), now)
            : SubmitterStamp.None;
        var patch = new JsonArray();
        if (annotations.ValueKind != JsonValueKind.Object && stamp.User is not null)
        {
            patch.Add(new JsonObject { ["op"] = "add", ["path"] = "/metadata/annotations", ["value"] = new JsonObject() });
        }

        foreach (var (name, value) in stamp.Annotations)
        {
            Put(patch, annotations, name, value);
        }

        var response = Allow(request);
        if (patch.Count > 0)
        {
            response["response"]!["patchType"] = "JSONPatch";
            response["response"]!["patch"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(patch.ToJsonString()));
        }

        return response;
    }

    /// <summary>Refuses a job, queue or flavor that our reader refuses, and changes to what a job that runs was planned by.</summary>
    public static JsonObject Validate(JsonElement review)
    {
        var request = review.GetProperty("request");
        if (!request.TryGetProperty("object", out var item) || item.ValueKind != JsonValueKind.Object)
        {
            return Allow(request);
        }

        try
        {
            switch (Kind(request))
            {
                case TrainingJob.Kind:
                    var job = TrainingJob.FromResource(item);
                    return request.TryGetProperty("oldObject", out var old) && old.ValueKind == JsonValueKind.Object && WhyFixed(old, item, job) is { } why ? Refuse(request, why) : Allow(request);
                case Queue.Kind:
                    Queue.FromResource(item);
                    return Allow(request);
                case ResourceFlavor.Kind:
                    ResourceFlavor.FromResource(item);
                    return Allow(request);
                default:
                    return Allow(request);
            }
        }
        catch (JobException problem)
        {
            return Refuse(request, problem.Message);
        }
    }

    /// <summary>A job that holds a placement was planned by its spec: only what the plan does not hang on may change.</summary>
    private static string? WhyFixed(JsonElement old, JsonElement item, TrainingJob job)
    {
        var status = old.TryGetProperty("status", out var json) && json.ValueKind == JsonValueKind.Object ? TrainingJobStatus.FromJson(json) : new TrainingJobStatus();
        if (status.Placement.Count == 0)
        {
            return null;
        }

        TrainingJob before;
        try
        {
            before = TrainingJob.FromResource(old);
        }
        catch (JobException)
        {
            return null;
        }

        return Fixed(before) == Fixed(job) ? null
            : $"spec: the job {job.Name} holds nodes by the spec it was planned with; suspend it (spec.suspend: true) to change more than suspend, policy, priority and the number of workers";
    }

    private static string Fixed(TrainingJob job)
    {
        var replicas = job.Spec.Replicas.ToDictionary(static entry => entry.Key, static entry => entry.Key == Role.Worker ? entry.Value with { Count = 1, Min = null, Max = entry.Value.Most } : entry.Value);
        return new TrainingJob(job.Name, job.Spec with { Suspend = false, Policy = new PolicySpec(), Priority = 0, Preemptible = true, ExpectedRunTime = null, Replicas = replicas }).ToYaml();
    }

    private static void Put(JsonArray patch, JsonElement annotations, string name, string? value)
    {
        var path = $"/metadata/annotations/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
        var before = Text(annotations, name);
        if (value is null && before is not null)
        {
            patch.Add(new JsonObject { ["op"] = "remove", ["path"] = path });
        }
        else if (value is not null && before != value)
        {
            patch.Add(new JsonObject { ["op"] = "add", ["path"] = path, ["value"] = value });
        }
    }

    private static JsonObject Allow(JsonElement request) => Answer(new JsonObject { ["uid"] = Uid(request), ["allowed"] = true });

    private static JsonObject Refuse(JsonElement request, string message) => Answer(new JsonObject
    {
        ["uid"] = Uid(request),
        ["allowed"] = false,
        ["status"] = new JsonObject { ["code"] = 422, ["reason"] = "Invalid", ["message"] = message },
    });

    private static JsonObject Answer(JsonObject response) => new() { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response };

    private static string Uid(JsonElement request) => request.GetProperty("uid").GetString() ?? "";

    private static string? Kind(JsonElement request) => request.GetProperty("kind").GetProperty("kind").GetString();

    private static string? User(JsonElement request) => request.TryGetProperty("userInfo", out var info) ? Text(info, "username") : null;

    private static string Groups(JsonElement request) =>
        request.TryGetProperty("userInfo", out var info) && info.TryGetProperty("groups", out var groups) && groups.ValueKind == JsonValueKind.Array
            ? string.Join(',', groups.EnumerateArray().Select(static group => group.GetString()))
            : "";

    private static JsonElement Annotations(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("annotations", out var annotations) ? annotations : default;

    private static string? Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
