using System.Globalization;
using k8s;
using k8s.Models;

namespace TaaS.Kubernetes;

/// <summary>
/// What is known of all objects of one kind, by identity: a name that is used again is another object.
/// Answers to our own writes go in as well, so that nobody decides on what was true before them; older news does not undo them.
/// </summary>
/// <typeparam name="T">Type of the objects.</typeparam>
public sealed class ObjectStore<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Identities that are gone are remembered so long, in case an answer to a write comes after the news of the end.</summary>
    private const int MostGone = 20_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, T> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<(string? Space, string Name), string> _byName = [];
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private readonly Queue<string> _goneInOrder = new();
    private T[]? _all;

    /// <summary>Told after each change, with what was there before and what is there now; null for nothing. Called by whoever made the change.</summary>
    public event Action<T?, T?>? Changed;

    /// <summary>All objects, as they are now.</summary>
    public IReadOnlyList<T> All
    {
        get
        {
            lock (_lock)
            {
                return _all ??= [.. _byUid.Values];
            }
        }
    }

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byUid.Count;
            }
        }
    }

    /// <summary>The object of an identity, or null.</summary>
    public T? Find(string uid)
    {
        lock (_lock)
        {
            return _byUid.GetValueOrDefault(uid);
        }
    }

    /// <summary>The object of a name, or null.</summary>
    public T? Find(string? space, string name)
    {
        lock (_lock)
        {
            return _byName.TryGetValue((space, name), out var uid) ? _byUid.GetValueOrDefault(uid) : null;
        }
    }

    /// <summary>Takes an object's state, unless that or a newer one is known or the object is gone.</summary>
    public void Apply(T item) => Take(item, before => before is null ? !_gone.Contains(item.Metadata.Uid) : IsNews(before, item));

    /// <summary>Takes note of what a write has changed whose answer does not bring the object: it stands until a newer version comes.</summary>
    /// <param name="item">The object as it was written onto, with the change.</param>
    public void Amend(T item) => Take(item, before => before is not null && Version(before) <= Version(item));

    /// <summary>Takes note that an object is gone.</summary>
    public void Remove(string uid)
    {
        T? before;
        lock (_lock)
        {
            before = Drop(uid);
        }

        if (before is not null)
        {
            Changed?.Invoke(before, null);
        }
    }

    /// <summary>Takes a list for all there is, but for what our own writes have made since.</summary>
    public void Replace(IReadOnlyCollection<T> items, string? resourceVersion)
    {
        var listed = Number(resourceVersion);
        var changes = new List<(T? Before, T? After)>();
        lock (_lock)
        {
            var uids = items.Select(static item => item.Metadata.Uid).ToHashSet(StringComparer.Ordinal);
            foreach (var missing in _byUid.Values.Where(item => !uids.Contains(item.Metadata.Uid) && Version(item) <= listed).ToList())
            {
                changes.Add((Drop(missing.Metadata.Uid), null));
            }

            foreach (var item in items)
            {
                var before = _byUid.GetValueOrDefault(item.Metadata.Uid);
                if (before is null || Version(before) < Version(item))
                {
                    _gone.Remove(item.Metadata.Uid);
                    Put(item);
                    changes.Add((before, item));
                }
            }
        }

        foreach (var (before, after) in changes)
        {
            Changed?.Invoke(before, after);
        }
    }

    private void Take(T item, Func<T?, bool> isWanted)
    {
        T? before;
        lock (_lock)
        {
            before = _byUid.GetValueOrDefault(item.Metadata.Uid);
            if (!isWanted(before))
            {
                return;
            }

            Put(item);
        }

        Changed?.Invoke(before, item);
    }

    private void Put(T item)
    {
        _byUid[item.Metadata.Uid] = item;
        _byName[(item.Metadata.NamespaceProperty, item.Metadata.Name)] = item.Metadata.Uid;
        _all = null;
    }

    private T? Drop(string uid)
    {
        if (_gone.Add(uid))
        {
            _goneInOrder.Enqueue(uid);
            while (_goneInOrder.Count > MostGone)
            {
                _gone.Remove(_goneInOrder.Dequeue());
            }
        }

        if (!_byUid.Remove(uid, out var item))
        {
            return null;
        }

        var name = (item.Metadata.NamespaceProperty, item.Metadata.Name);
        if (_byName.GetValueOrDefault(name) == uid)
        {
            _byName.Remove(name);
        }

        _all = null;
        return item;
    }

    // The state that an answer brought comes again by the watch; what was noted on it since stays.
    private static bool IsNews(T before, T item) => Version(item) > Version(before) || Version(item) == 0;

    private static long Version(T item) => Number(item.Metadata.ResourceVersion);

    // Servers that store in etcd count revisions; others' versions are then all alike, and the last word counts.
    private static long Number(string? version) => long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
