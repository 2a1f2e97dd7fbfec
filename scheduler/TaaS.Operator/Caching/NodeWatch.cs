using System.Collections.Concurrent;
using k8s.Models;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>Whether pods can go on, and be started, on a node.</summary>
internal interface INodeHealth
{
    /// <summary>Why a pod cannot go on there; null while it can.</summary>
    string? WhyLost(string name);

    /// <summary>Why no pod can be started there now; null while one can.</summary>
    string? WhyClosed(string name);

    /// <summary>How long until a node that is not ready is lost; null for one that is ready.</summary>
    TimeSpan? LostAfter(string name);
}

/// <summary>Since when nodes have not been ready, by our own clock: theirs may be wrong.</summary>
internal sealed class NodeWatch : INodeHealth
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _notReady = new(StringComparer.Ordinal);
    private readonly ObjectStore<V1Node> _nodes;
    private readonly TimeSpan _grace;
    private readonly TimeProvider _time;

    /// <param name="nodes">The nodes.</param>
    /// <param name="grace">How long one may be not ready before it is lost.</param>
    /// <param name="time">Our clock.</param>
    public NodeWatch(ObjectStore<V1Node> nodes, TimeSpan grace, TimeProvider time)
    {
        (_nodes, _grace, _time) = (nodes, grace, time);
        nodes.Changed += Note;
    }

    /// <inheritdoc/>
    public string? WhyLost(string name)
    {
        if (_nodes.Find(null, name) is null)
        {
            return $"node {name} is gone";
        }

        return LostAfter(name) <= TimeSpan.Zero ? $"node {name} has not been ready for {_grace.TotalSeconds:0} s" : null;
    }

    /// <inheritdoc/>
    public string? WhyClosed(string name) => _nodes.Find(null, name) switch
    {
        null => $"node {name} is gone",
        { Spec.Unschedulable: true } => $"node {name} takes no pods in",
        var node when !NodeReader.IsReady(node) => $"node {name} is not ready",
        _ => null,
    };

    /// <inheritdoc/>
    public TimeSpan? LostAfter(string name) => _notReady.TryGetValue(name, out var since) ? since + _grace - _time.GetUtcNow() : null;

    private void Note(V1Node? before, V1Node? after)
    {
        if (after is null || NodeReader.IsReady(after))
        {
            _notReady.TryRemove((after ?? before)!.Metadata.Name, out _);
        }
        else
        {
            _notReady.TryAdd(after.Metadata.Name, _time.GetUtcNow());
        }
    }
}
