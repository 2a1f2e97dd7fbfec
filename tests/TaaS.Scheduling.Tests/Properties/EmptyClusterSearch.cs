using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Properties;

/// <summary>Tries every way to give a gang's roles flavors within what its queue could ever use, and its pods nodes of an otherwise empty cluster, one by one.</summary>
internal sealed class EmptyClusterSearch
{
    private const int Most = 100_000;

    private readonly ClusterSnapshot _snapshot;
    private readonly Gang _gang;
    private readonly Queue _queue;
    private readonly (PodSet Set, int Least)[] _roles;
    private int _steps;

    internal EmptyClusterSearch(ClusterSnapshot snapshot, Gang gang)
    {
        (_snapshot, _gang, _queue) = (snapshot, gang, snapshot.Queues.Single(queue => queue.Name == gang.Queue));
        var sets = gang.PodSets.Where(set => set.Count > 0).ToArray();
        var empty = sets.All(set => set.MinCount == 0);
        _roles = [.. sets.Select((set, index) => (set, empty && index == 0 ? 1 : Math.Min(set.MinCount, set.Count)))];
    }

    /// <summary>Is there any way? Null where the search took too long.</summary>
    internal bool? HasAWay()
    {
        var domains = _gang is { TopologyKey: { } key, IsTopologyRequired: true }
            ? _snapshot.Nodes.Where(node => node.Labels.ContainsKey(key)).GroupBy(node => node.Labels[key]).Select(domain => domain.ToArray()).ToArray()
            : [_snapshot.Nodes.ToArray()];
        var found = MixesWithinQuota().Any(flavors => domains.Any(nodes => Place(Pods(flavors), 0, nodes, [.. nodes.Select(node => node.Allocatable.Amounts.ToDictionary())])));
        return found ? true : _steps >= Most ? null : false;
    }

    /// <summary>Flavors for every role such that the queue, with all that its cohort could lend, has enough of everything.</summary>
    internal IEnumerable<ResourceFlavor[]> MixesWithinQuota()
    {
        var flavors = _queue.Spec.Quotas.Select(quota => quota.Flavor).Distinct().Select(name => _snapshot.Flavors.SingleOrDefault(flavor => flavor.Name == name)).OfType<ResourceFlavor>().ToArray();
        IEnumerable<ResourceFlavor[]> mixes = [[]];
        foreach (var (set, _) in _roles)
        {
            mixes = mixes.SelectMany(mix => flavors.Where(flavor => set.Flavor is null || set.Flavor == flavor.Name).Select(flavor => mix.Append(flavor).ToArray()));
        }

        return mixes.Where(mix => mix.SelectMany((flavor, role) => Needs(_roles[role].Set).Select(need => (flavor.Name, need.Key, Amount: need.Value * _roles[role].Least)))
            .GroupBy(need => (need.Name, need.Key)).All(cell => cell.Sum(need => need.Amount) <= MostOf(cell.Key.Name, cell.Key.Key)));
    }

    private (PodSet Set, ResourceFlavor Flavor)[] Pods(ResourceFlavor[] flavors) =>
        [.. _roles.SelectMany((role, index) => Enumerable.Repeat((role.Set, flavors[index]), role.Least))];

    private bool Place((PodSet Set, ResourceFlavor Flavor)[] pods, int pod, Node[] nodes, Dictionary<string, long>[] free)
    {
        if (pod == pods.Length)
        {
            return true;
        }

        for (var node = 0; node < nodes.Length && _steps++ < Most; node++)
        {
            if (Admits(pods[pod].Set, pods[pod].Flavor, nodes[node]) && Take(free[node], pods[pod].Set, 1))
            {
                if (Place(pods, pod + 1, nodes, free))
                {
                    return true;
                }

                Take(free[node], pods[pod].Set, -1);
            }
        }

        return false;
    }

    private static bool Take(Dictionary<string, long> free, PodSet set, int sign)
    {
        if (sign > 0 && Needs(set).Any(need => free.GetValueOrDefault(need.Key) < need.Value))
        {
            return false;
        }

        foreach (var (name, amount) in Needs(set))
        {
            free[name] = free.GetValueOrDefault(name) - sign * amount;
        }

        return true;
    }

    private static IReadOnlyDictionary<string, long> Needs(PodSet set) => set.Requests.Plus(new ResourceList([KeyValuePair.Create("pods", 1L)])).Amounts;

    /// <summary>Whatever may pass by itself: a node that is cordoned or out of order may be back.</summary>
    private static bool Admits(PodSet set, ResourceFlavor flavor, Node node) =>
        flavor.Spec.NodeLabels.All(label => node.Labels.GetValueOrDefault(label.Key) == label.Value)
        && set.NodeSelector.All(label => node.Labels.GetValueOrDefault(label.Key) == label.Value)
        && (set.Affinity.Required.Count == 0 || set.Affinity.Required.Any(term => NaiveChecker.Meets(term, node)))
        && node.Taints.All(taint => taint.Effect == Taint.PreferNoSchedule || taint.Key.StartsWith("node.kubernetes.io/", StringComparison.Ordinal)
            || set.Tolerations.Any(toleration => toleration.Tolerates(taint)) || flavor.Spec.NodeTaints.Contains(taint));

    private long MostOf(string flavor, string resource)
    {
        if (Of(_queue) is not { } own)
        {
            return resource == "pods" ? long.MaxValue : -1;
        }

        var root = _queue.Spec.Cohort.Split('/')[0];
        return root.Length == 0 ? Units(own.Nominal)
            : Kept(own) + Math.Min(
                _snapshot.Queues.Where(other => other.Spec.Cohort.Split('/')[0] == root).Select(Of).OfType<ResourceQuota>().Sum(quota => Units(quota.Nominal) - Kept(quota)),
                Units(own.Nominal) - Kept(own) + (own.BorrowingLimit is { } limit ? Units(limit) : 1L << 50));

        ResourceQuota? Of(Queue other) => other.Spec.Quotas.FirstOrDefault(quota => quota.Flavor == flavor)?.Resources.GetValueOrDefault(resource);
        long Units(Quantity quantity) => (long)(quantity.Value * (resource == "cpu" ? 1000 : 1));
        long Kept(ResourceQuota quota) => quota.LendingLimit is { } lending ? Math.Max(0, Units(quota.Nominal) - Units(lending)) : 0;
    }
}
