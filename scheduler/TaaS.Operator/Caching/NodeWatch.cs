using System.Collections.Concurrent;
using k8s.Models;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>Since when nodes have not been ready, by our own clock: theirs may be wrong.</summary>
internal sealed class NodeWatch
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _notReady = new(StringComparer.Ordinal);
    private readonly ObjectStore<V1Node> _nodes;
    private readonly TimeProvider _time;

    public NodeWatch(ObjectStore<V1Node> nodes, TimeProvider time)
    {
        (_nodes, _time) = (nodes, time);
        nodes.Changed += Note;
    }

    /// <summary>The kubelet reports, and reports that it is ready.</summary>
    public static bool IsReady(V1Node node) => node.Status?.Conditions?.Any(static condition => condition is { Type: "Ready", Status: "True" }) == true;

    /// <summary>Why a pod cannot go on there; null while it can.</summary>
    /// <param name="name">Name of the node.</param>
    /// <param name="grace">How long it may be not ready.</param>
    public string? WhyLost(string name, TimeSpan grace)
    {
        if (_nodes.Find(null, name) is not { } node)
        {
            return $"node {name} is gone";
        }

        return !IsReady(node) && _notReady.TryGetValue(name, out var since) && _time.GetUtcNow() - since >= grace
            ? $"node {name} has not been ready for {grace.TotalSeconds:0} s"
            : null;
    }

    /// <summary>Why no pod can be started there now; null while one can.</summary>
    public string? WhyClosed(string name) => _nodes.Find(null, name) switch
    {
        null => $"node {name} is gone",
        { Spec.Unschedulable: true } => $"node {name} takes no pods in",
        var node when !IsReady(node) => $"node {name} is not ready",
        _ => null,
    };

    /// <summary>When a node that is not ready will be lost; null for one that is ready.</summary>
    public DateTimeOffset? LostAt(string name, TimeSpan grace) => _notReady.TryGetValue(name, out var since) ? since + grace : null;

    private void Note(V1Node? before, V1Node? after)
    {
        if (after is null || IsReady(after))
        {
            _notReady.TryRemove((after ?? before)!.Metadata.Name, out _);
        }
        else
        {
            _notReady.TryAdd(after.Metadata.Name, _time.GetUtcNow());
        }
    }
}
