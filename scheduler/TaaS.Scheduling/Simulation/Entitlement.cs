using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Simulation;

/// <summary>What part of the cluster a queue may count on.</summary>
internal static class Entitlement
{
    /// <summary>Queue by queue: its nominal quota as dominant share, and its part by weight of what is nobody's quota.</summary>
    public static IReadOnlyDictionary<string, double> Of(Workload workload)
    {
        var capacity = ResourceList.Empty;
        foreach (var node in workload.Nodes)
        {
            capacity = capacity.Plus(node.Allocatable);
        }

        var nominal = workload.Queues.ToDictionary(static queue => queue.Name, queue => Math.Min(1, DominantShare(Nominal(queue), capacity)), StringComparer.Ordinal);
        var left = Math.Max(0, 1 - nominal.Values.Sum());
        var weights = workload.Queues.Sum(static queue => queue.Spec.Weight);
        return workload.Queues.ToDictionary(static queue => queue.Name, queue => nominal[queue.Name] + left * queue.Spec.Weight / weights, StringComparer.Ordinal);
    }

    /// <summary>The largest part of any one resource. <b>Source</b>: Ghodsi et al., "Dominant Resource Fairness", NSDI 2011.</summary>
    public static double DominantShare(IReadOnlyDictionary<string, long> held, ResourceList capacity)
    {
        var share = 0.0;
        foreach (var (name, amount) in held)
        {
            share = capacity[name] > 0 ? Math.Max(share, (double)amount / capacity[name]) : share;
        }

        return share;
    }

    private static IReadOnlyDictionary<string, long> Nominal(Queue queue)
    {
        var sum = ResourceList.Empty;
        foreach (var quota in queue.Spec.Quotas)
        {
            sum = sum.Plus(ResourceList.Capacity(quota.Resources.Select(static entry => KeyValuePair.Create(entry.Key, entry.Value.Nominal))));
        }

        return sum.Amounts;
    }
}
