using TaaS.Jobs;
using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Model;
using TaaS.Scheduling.Placing;

namespace TaaS.Scheduling.Explaining;

/// <summary>What is wrong with a gang whatever the load: it is refused at once, rather than left to wait for ever.</summary>
internal sealed class Validity(SnapshotIndex index)
{
    private readonly World _empty = World.Empty(index);

    /// <summary>Why a waiting gang does not stand in the line at all; null where it does.</summary>
    internal Wait? Refusal(GangEntry gang)
    {
        if (Check(gang) is { } problem)
        {
            return new Wait(problem.Reason) { Message = problem.Message };
        }

        if (index.Queues.Queues[gang.Queue].Spec.Hold)
        {
            return new Wait(WaitReason.QueueOnHold) { Message = $"queue {gang.Gang.Queue} is on hold and takes nothing in" };
        }

        if (gang.Gang.IsTerminating)
        {
            return new Wait(WaitReason.BackingOff) { Message = "its pods of the last attempt are still being stopped" };
        }

        return gang.Gang.NotBefore is { } time && time > index.Now
            ? new Wait(WaitReason.BackingOff) { Message = $"the pause after its last attempt ends at {time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC", EarliestStart = time }
            : null;
    }

    /// <summary>Looks at a waiting gang and notes which flavors each of its roles may use.</summary>
    /// <returns>Reason and message; null where it may wait for its turn.</returns>
    private (WaitReason Reason, string Message)? Check(GangEntry gang)
    {
        if (gang.Queue < 0)
        {
            return (WaitReason.Misconfigured, $"queue {gang.Gang.Queue} does not exist; create it or name another");
        }

        if (gang.Sets.Length == 0)
        {
            return (WaitReason.Misconfigured, "no role has any pods; give one a count of at least 1");
        }

        var queue = index.Queues.Queues[gang.Queue];
        if (!MayUse(queue, gang.Gang.Submitter))
        {
            return (WaitReason.Misconfigured, $"{Who(gang.Gang.Submitter)} may not use queue {queue.Name}; its allowedUsers name neither the user, nor a group, nor the namespace");
        }

        foreach (var set in gang.Sets)
        {
            if (FlavorProblem(gang, set, queue) is { } problem)
            {
                return problem;
            }
        }

        return JointProblem(gang);
    }

    private static bool MayUse(Queue queue, Submitter submitter) =>
        queue.Spec.AllowedUsers.Count == 0 || queue.Spec.AllowedUsers.Any(allowed =>
            allowed.StartsWith("namespace:", StringComparison.Ordinal) ? allowed.AsSpan(10).SequenceEqual(submitter.Namespace)
            : allowed.StartsWith("group:", StringComparison.Ordinal) ? submitter.Groups.Contains(allowed[6..], StringComparer.Ordinal)
            : allowed == submitter.User);

    private static string Who(Submitter submitter) => submitter.User is { } user ? $"user {user} (namespace {submitter.Namespace})" : $"namespace {submitter.Namespace}, whose user is not known,";

    /// <summary>Leaves in the set the flavors that its pods could ever use.</summary>
    private (WaitReason Reason, string Message)? FlavorProblem(GangEntry gang, GangSet set, Queue queue)
    {
        var named = queue.Spec.Quotas.Select(static quota => quota.Flavor).Distinct(StringComparer.Ordinal).ToArray();
        if (set.Set.Flavor is { } asked)
        {
            if (index.Flavors.Find(asked) is not (var number and >= 0) || index.Flavors.Flavors[number] is null)
            {
                return (WaitReason.Misconfigured, $"role {set.Set.Role}: flavor {asked} does not exist");
            }

            if (!named.Contains(asked, StringComparer.Ordinal))
            {
                return (WaitReason.Misconfigured, $"role {set.Set.Role}: queue {queue.Name} has no quota for flavor {asked}; it has {List(named)}");
            }
        }

        var known = named.Select(index.Flavors.Find).Where(flavor => index.Flavors.Flavors[flavor] is not null && (set.Set.Flavor is null || set.Set.Flavor == index.Flavors.Names[flavor])).ToArray();
        if (known.Length == 0)
        {
            return (WaitReason.Misconfigured, named.Length == 0 ? $"queue {queue.Name} has no quota at all" : $"none of the flavors of queue {queue.Name} exists: {List(named)}");
        }

        var allowed = known.Where(flavor => QuotaProblem(gang.Queue, set, flavor) is null).ToArray();
        if (allowed.Length == 0)
        {
            return (WaitReason.ExceedsMaxQuota, $"role {set.Set.Role} {QuotaProblem(gang.Queue, set, known[0])}{(known.Length > 1 ? $", and no other flavor of queue {queue.Name} would do" : "")}");
        }

        set.Flavors = index.Nodes.Count == 0 ? allowed : [.. allowed.Where(flavor => _empty.Capacities(index.Shape(set, flavor)).Total >= set.Least)];
        set.IsCutByNodes = set.Flavors.Length < allowed.Length;
        return set.Flavors.Length > 0 ? null : (WaitReason.NeverFits,
            $"role {set.Set.Role} needs room for {Units.Pods(set.Least)} of {Describe(set)}; with no other load at all the cluster's nodes{OfFlavors(allowed)} have room for {allowed.Max(flavor => _empty.Capacities(index.Shape(set, flavor)).Total)}");
    }

    private string? QuotaProblem(int queue, GangSet set, int flavor)
    {
        for (var resource = 0; resource < set.Request.Length; resource++)
        {
            var cell = flavor * index.Resources.Count + resource;
            if (set.Request[resource] == 0 || index.Queues.IsUnlimited(queue, cell))
            {
                continue;
            }

            var name = index.Resources.Names[resource];
            if (!index.Queues.IsNamed[queue * index.Queues.Cells + cell])
            {
                return $"asks for {name}, of which queue {index.Queues.Name[queue]} has no quota in flavor {index.Flavors.Names[flavor]}";
            }

            var needs = Amount.Product(set.Request[resource], set.Least);
            if (needs > index.Queues.Potential(queue, cell))
            {
                return $"asks for {Units.Say(name, needs)} {name}; queue {index.Queues.Name[queue]} may never use more than {Units.Say(name, index.Queues.Potential(queue, cell))} of flavor {index.Flavors.Names[flavor]}, borrowing included";
            }
        }

        return null;
    }

    /// <summary>Each role by itself would fit; all of them together may not.</summary>
    private (WaitReason Reason, string Message)? JointProblem(GangEntry gang)
    {
        var counts = gang.Sets.Select(static set => set.Least).ToArray();
        var (mixes, withinQuota) = (new FlavorMixes(gang), false);
        while (mixes.Next() is { } flavors)
        {
            var demand = index.DemandOf(gang, flavors, counts);
            if (!IsWithinPotential(gang.Queue, demand))
            {
                continue;
            }

            if (!withinQuota)
            {
                (gang.Asks, withinQuota) = (demand, true);
            }

            if (index.Nodes.Count == 0 || EmptyClusterHolds(gang, flavors, counts))
            {
                gang.Asks = demand;
                return null;
            }
        }

        return mixes.IsCut ? null
            : !withinQuota && gang.Sets.Any(static set => set.IsCutByNodes) ? (WaitReason.NeverFits, $"the flavors whose nodes have room for its roles are not those of which queue {gang.Gang.Queue} may use enough")
            : !withinQuota ? (WaitReason.ExceedsMaxQuota, $"its roles together ask for more than queue {gang.Gang.Queue} may ever use, borrowing included")
            : (WaitReason.NeverFits, gang.Gang.TopologyKey is { } key && gang.Gang.IsTopologyRequired
                ? $"no {key} has room for all its pods, even with no other load at all"
                : "its roles together ask for more than the cluster's nodes offer, even with no other load at all");
    }

    private bool IsWithinPotential(int queue, Demand demand)
    {
        for (var at = 0; at < demand.Cells.Length; at++)
        {
            if (demand.Amounts[at] > index.Queues.Potential(queue, demand.Cells[at]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>False is a proof: sums say that the pods cannot all have room. True is none, which errs on the side of waiting.</summary>
    private bool EmptyClusterHolds(GangEntry gang, int[] flavors, int[] counts)
    {
        if (gang.Gang.TopologyKey is { } key && gang.Gang.IsTopologyRequired)
        {
            var level = index.Topology.Level(key);
            return Enumerable.Range(0, level.Count).Any(domain => Holds(gang, flavors, counts, level.NodesOf(domain)));
        }

        // Each role by itself was looked at before.
        return gang.Sets.Length == 1 || SumsFit(gang, counts, index.Nodes.Capacity);
    }

    private bool Holds(GangEntry gang, int[] flavors, int[] counts, ReadOnlySpan<int> nodes)
    {
        for (var set = 0; set < counts.Length; set++)
        {
            var room = 0L;
            var capacities = _empty.Capacities(index.Shape(gang.Sets[set], flavors[set])).ByNode;
            foreach (var node in nodes)
            {
                room += capacities[node];
            }

            if (room < counts[set])
            {
                return false;
            }
        }

        var offered = new long[index.Resources.Count];
        foreach (var node in nodes)
        {
            for (var resource = 0; resource < offered.Length; resource++)
            {
                offered[resource] = Amount.Sum(offered[resource], index.Nodes.Allocatable[node * offered.Length + resource]);
            }
        }

        return SumsFit(gang, counts, offered);
    }

    private static bool SumsFit(GangEntry gang, int[] counts, long[] offered)
    {
        for (var resource = 0; resource < offered.Length; resource++)
        {
            var needs = 0L;
            for (var set = 0; set < counts.Length; set++)
            {
                needs = Amount.Sum(needs, Amount.Product(gang.Sets[set].Request[resource], counts[set]));
            }

            if (needs > offered[resource])
            {
                return false;
            }
        }

        return true;
    }

    private string Describe(GangSet set) => Units.Describe(set, index.Resources);

    private string OfFlavors(int[] flavors) => $" of flavor {string.Join(" or ", flavors.Select(flavor => index.Flavors.Names[flavor]))}";

    private static string List(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names);
}
