using System.Globalization;
using System.Text.Json.Nodes;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>Key of an object; sorts as the server's lists do.</summary>
internal sealed record ObjectKey(ApiResource Kind, string? Space, string Name)
{
    public string Order => $"{Space}/{Name}";
}

/// <summary>One change: what was there before it and after it; null for nothing. Objects in it are never changed.</summary>
internal sealed record Change(long Revision, ObjectKey Key, JsonObject? Before, JsonObject? After);

/// <summary>
/// All objects and the history of their changes, numbered by one revision as etcd numbers them. Callers hold <see cref="Gate"/> while they read and write.
/// </summary>
internal sealed class Database
{
    private readonly Dictionary<ObjectKey, JsonObject> _objects = [];
    private readonly List<Change> _history = [];
    private TaskCompletionSource _changed = NewSignal();

    public Lock Gate { get; } = new();

    public long Revision { get; private set; } = 1;

    /// <summary>Changes up to this one are forgotten.</summary>
    public long Compacted { get; private set; }

    /// <summary>Done at the next change.</summary>
    public Task Changed => _changed.Task;

    public JsonObject? Find(ObjectKey key) => _objects.GetValueOrDefault(key);

    public JsonObject? FindUid(string uid) => _objects.Values.FirstOrDefault(item => JsonPath.Text(item, "metadata.uid") == uid);

    public IEnumerable<KeyValuePair<ObjectKey, JsonObject>> Of(ApiResource kind, string? space) =>
        _objects.Where(entry => entry.Key.Kind == kind && (space is null || entry.Key.Space == space)).OrderBy(entry => entry.Key.Order, StringComparer.Ordinal);

    public IReadOnlyList<KeyValuePair<ObjectKey, JsonObject>> All => [.. _objects];

    /// <summary>The objects as they were at a revision that is still kept.</summary>
    public IEnumerable<KeyValuePair<ObjectKey, JsonObject>> At(long revision, ApiResource kind, string? space)
    {
        var then = _objects.Where(entry => entry.Key.Kind == kind).ToDictionary();
        foreach (var change in Enumerable.Reverse(_history).TakeWhile(change => change.Revision > revision).Where(change => change.Key.Kind == kind))
        {
            if (change.Before is null)
            {
                then.Remove(change.Key);
            }
            else
            {
                then[change.Key] = change.Before;
            }
        }

        return then.Where(entry => space is null || entry.Key.Space == space).OrderBy(entry => entry.Key.Order, StringComparer.Ordinal);
    }

    public IReadOnlyList<Change> After(long revision) =>
        [.. Enumerable.Reverse(_history).TakeWhile(change => change.Revision > revision).Reverse()];

    /// <summary>Keeps an object under a new revision; it is not to be changed afterwards.</summary>
    public void Put(ObjectKey key, JsonObject item)
    {
        Revision++;
        JsonPath.Set(item, "metadata.resourceVersion", Revision.ToString(CultureInfo.InvariantCulture));
        _history.Add(new Change(Revision, key, _objects.GetValueOrDefault(key), item));
        _objects[key] = item;
        Signal();
    }

    public void Remove(ObjectKey key)
    {
        var before = _objects[key];
        Revision++;
        _objects.Remove(key);
        _history.Add(new Change(Revision, key, before, null));
        Signal();
    }

    /// <summary>Forgets the history, as etcd's compaction does: watches and pages of before get 410.</summary>
    public void Compact()
    {
        Compacted = Revision;
        _history.Clear();
    }

    private void Signal()
    {
        var signal = _changed;
        _changed = NewSignal();
        signal.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
