using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>One watch: what there is, then every change, and bookmarks between.</summary>
internal sealed class WatchStream(Database database, ApiResource kind, string? space, Selector selector, string from, TimeSpan timeLimit)
{
    public async Task SendAsync(HttpResponse response, Faults faults, TimeSpan bookmarks, CancellationToken cancel)
    {
        response.ContentType = "application/json";
        // Headers go at once: a watch without news is a watch all the same.
        await response.StartAsync(cancel);
        await response.Body.FlushAsync(cancel);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(timeLimit);
        var (lines, revision) = Begin();
        var isMute = false;
        while (!limit.IsCancellationRequested)
        {
            await faults.WatchesHeldUntil.WaitAsync(limit.Token);
            // A stream that has kept something back never speaks again, as one that a middle box has forgotten.
            isMute |= faults.MutesWatches;
            foreach (var line in lines)
            {
                for (var times = isMute ? 0 : faults.DuplicatesEvents ? 2 : 1; times > 0; times--)
                {
                    await response.WriteAsync(line.ToJsonString() + "\n", limit.Token);
                }
            }

            if (lines is [{ } last] && last["type"]!.GetValue<string>() == "ERROR")
            {
                return;
            }

            await response.Body.FlushAsync(limit.Token);
            (lines, revision) = await NextAsync(revision, bookmarks, limit.Token);
        }
    }

    private (List<JsonObject> Lines, long Revision) Begin()
    {
        lock (database.Gate)
        {
            if (from is not ("" or "0"))
            {
                return Since(long.Parse(from, CultureInfo.InvariantCulture));
            }

            return ([.. database.Of(kind, space).Where(entry => selector.Matches(entry.Value)).Select(entry => Line("ADDED", entry.Value))], database.Revision);
        }
    }

    private async Task<(List<JsonObject> Lines, long Revision)> NextAsync(long revision, TimeSpan bookmarks, CancellationToken cancel)
    {
        Task changed;
        lock (database.Gate)
        {
            if (database.Revision > revision)
            {
                return Since(revision);
            }

            changed = database.Changed;
        }

        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (await Task.WhenAny(changed, Task.Delay(bookmarks, timer.Token)) == changed)
        {
            await timer.CancelAsync();
            lock (database.Gate)
            {
                return Since(revision);
            }
        }

        cancel.ThrowIfCancellationRequested();
        return ([Line("BOOKMARK", new JsonObject
        {
            ["apiVersion"] = kind.ApiVersion,
            ["kind"] = kind.Kind,
            ["metadata"] = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null },
        })], revision);
    }

    private (List<JsonObject> Lines, long Revision) Since(long revision)
    {
        if (revision < database.Compacted)
        {
            return ([Line("ERROR", ApiError.Expired($"too old resource version: {revision} ({database.Revision})").ToStatus())], revision);
        }

        var lines = new List<JsonObject>();
        foreach (var change in database.After(revision).Where(change => change.Key.Kind == kind && (space is null || change.Key.Space == space)))
        {
            var (was, isNow) = (change.Before is not null && selector.Matches(change.Before), change.After is not null && selector.Matches(change.After));
            if (isNow)
            {
                lines.Add(Line(was ? "MODIFIED" : "ADDED", change.After!));
            }
            else if (was)
            {
                // The last state, under the version of its end.
                var last = JsonPath.Clone(change.After ?? change.Before!);
                JsonPath.Set(last, "metadata.resourceVersion", change.Revision.ToString(CultureInfo.InvariantCulture));
                lines.Add(Line("DELETED", last));
            }
        }

        return (lines, database.Revision);
    }

    private static JsonObject Line(string type, JsonObject item) => new() { ["type"] = type, ["object"] = item.DeepClone() };
}
