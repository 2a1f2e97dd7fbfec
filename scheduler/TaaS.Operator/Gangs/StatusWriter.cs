using System.Globalization;
using System.Text.Json.Nodes;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>Writes statuses: only what changed, only onto the version that was judged, and into the cache at once.</summary>
internal sealed class StatusWriter
{
    private readonly ApiClient _client;
    private readonly ClusterCache _cache;
    private readonly EventRecorder _events;

    public StatusWriter(ApiClient client, ClusterCache cache, EventRecorder events) => (_client, _cache, _events) = (client, cache, events);

    /// <summary>Writes a job's next status.</summary>
    /// <returns>The job as written; null where it has changed or gone meanwhile, and is to be judged anew.</returns>
    public async Task<TrainingJobResource?> WriteAsync(TrainingJobResource resource, TrainingJobStatus next, CancellationToken cancel)
    {
        var before = resource.ReadStatus();
        if (next.SameAs(before))
        {
            return resource;
        }

        var patch = Patch(resource, JsonNode.Parse(next.ToJson())!);
        if (patch is null)
        {
            return resource;
        }

        try
        {
            var written = await _client.PatchAsync(ResourceKinds.TrainingJobs, resource.Metadata.NamespaceProperty, resource.Metadata.Name, patch, cancel, "status").ConfigureAwait(false);
            _cache.Jobs.Store.Apply(written);
            _events.Tell(written, before, next);
            return written;
        }
        catch (ApiException error) when (error.Failure is ApiFailure.Conflict or ApiFailure.NotFound or ApiFailure.Transient)
        {
            // Read back before judging: it may have been written all the same.
            var now = await _client.FindAsync(ResourceKinds.TrainingJobs, resource.Metadata.NamespaceProperty, resource.Metadata.Name, cancel).ConfigureAwait(false);
            if (now is null || now.Metadata.Uid != resource.Metadata.Uid)
            {
                _cache.Jobs.Store.Remove(resource.Metadata.Uid);
                return null;
            }

            _cache.Jobs.Store.Apply(now);
            if (!now.ReadStatus().SameAs(next))
            {
                return null;
            }

            _events.Tell(now, before, next);
            return now;
        }
    }

    /// <summary>Writes a queue's status.</summary>
    public async Task WriteAsync(QueueResource resource, QueueStatus next, CancellationToken cancel)
    {
        if (!next.SameAs(resource.ReadStatus()) && Patch(resource, JsonNode.Parse(next.ToJson())!) is { } patch)
        {
            _cache.Queues.Store.Apply(await _client.PatchAsync(ResourceKinds.Queues, null, resource.Metadata.Name, patch, cancel, "status").ConfigureAwait(false));
        }
    }

    private static JsonObject? Patch(CustomResource resource, JsonNode next)
    {
        var before = resource.Status is { ValueKind: System.Text.Json.JsonValueKind.Object } json ? JsonNode.Parse(json.GetRawText()) as JsonObject : null;
        return MergePatch.Between(before ?? [], (JsonObject)next) is { } status
            ? new JsonObject
            {
                ["metadata"] = new JsonObject { ["resourceVersion"] = resource.Metadata.ResourceVersion.ToString(CultureInfo.InvariantCulture), ["uid"] = resource.Metadata.Uid },
                ["status"] = status,
            }
            : null;
    }
}
