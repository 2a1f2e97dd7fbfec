using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Properties;

/// <summary>
/// Checks a pass by the rules themselves, in the plainest code that states them; it shares nothing with the scheduler but the types.
/// </summary>
internal sealed class NaiveChecker(ClusterSnapshot before, SchedulingPass pass)
{
    private readonly Dictionary<string, Node> _nodes = before.Nodes.ToDictionary(node => node.Name);
    private readonly Dictionary<string, Queue> _queues = before.Queues.ToDictionary(queue => queue.Name);
    private readonly Dictionary<string, Gang> _gangs = before.Gangs.ToDictionary(gang => gang.Id);

    internal void CheckAll()
    {
        CheckWhole();
        CheckFilters();
        CheckNodes();
        CheckQuota();
        CheckVerdicts();
        CheckPreemptions();
    }

    /// <summary>No gang is partly placed, and no pod that runs moves.</summary>
    internal void CheckWhole()
    {
        Assert.Equal(pass.Admitted.Count, pass.Admitted.Select(admission => admission.GangId).Distinct().Count());
        foreach (var admission in pass.Admitted)
        {
            var gang = _gangs[admission.GangId];
            var old = gang.Placement?.Pods ?? [];
            Assert.True(old.All(admission.Placement.Pods.Contains), $"{gang.Id}: a running pod moved");
            Assert.True(admission.Placement.Pods.Count > old.Count, $"{gang.Id}: admitted without a new pod");
            foreach (var set in gang.PodSets)
            {
                var pods = admission.Placement.Pods.Where(pod => pod.Role == set.Role).ToArray();
                Assert.True(pods.Length <= Math.Max(set.Count, old.Count(pod => pod.Role == set.Role)), $"{gang.Id}: {pods.Length} {set.Role}");
                Assert.True(gang.Placement is not null || pods.Length >= Math.Min(set.MinCount, set.Count), $"{gang.Id}: only {pods.Length} {set.Role}");
                Assert.Equal(pods.Length, pods.Select(pod => pod.Index).Distinct().Count());
                Assert.All(pods, pod => Assert.InRange(pod.Index, 0, Math.Max(0, set.Count - 1)));
            }

            Assert.All(admission.Placement.Pods, pod => Assert.Contains(pod.Role, gang.PodSets.Select(set => set.Role)));
            if (gang is { TopologyKey: { } key, IsTopologyRequired: true, Placement: null })
            {
                Assert.Single(admission.Placement.Pods.Select(pod => _nodes[pod.Node].Labels[key]).Distinct());
            }
        }
    }

    /// <summary>No pod lands where labels, taints, state or flavor forbid it.</summary>
    internal void CheckFilters()
    {
        foreach (var (gang, set, pod) in NewPods())
        {
            var node = _nodes[pod.Node];
            var flavor = before.Flavors.Single(flavor => flavor.Name == pod.Flavor);
            var queue = _queues[gang.Queue];
            Assert.True(node.IsReady && !node.IsUnschedulable, $"{pod}: the node is out of order");
            Assert.DoesNotContain(node.Name, gang.ExcludedNodes);
            Assert.True(set.Flavor is null || set.Flavor == pod.Flavor, $"{pod}: asked for {set.Flavor}");
            Assert.Contains(queue.Spec.Quotas, quota => quota.Flavor == pod.Flavor);
            Assert.True(flavor.Spec.NodeLabels.All(label => node.Labels.GetValueOrDefault(label.Key) == label.Value), $"{pod}: not of that flavor");
            Assert.True(set.NodeSelector.All(label => node.Labels.GetValueOrDefault(label.Key) == label.Value), $"{pod}: node selector");
            Assert.True(set.Affinity.Required.Count == 0 || set.Affinity.Required.Any(term => Meets(term, node)), $"{pod}: affinity");
            foreach (var taint in node.Taints.Where(taint => taint.Effect is "NoSchedule" or "NoExecute"))
            {
                Assert.True(set.Tolerations.Any(toleration => toleration.Tolerates(taint)) || flavor.Spec.NodeTaints.Contains(taint), $"{pod}: {taint}");
            }
        }
    }

    /// <summary>No node is over-committed, in any resource, pods included.</summary>
    internal void CheckNodes()
    {
        var used = new Dictionary<string, ResourceList>();
        foreach (var (set, pod) in AllPods())
        {
            used[pod.Node] = used.GetValueOrDefault(pod.Node, ResourceList.Empty).Plus(set.Requests).Plus(OnePod);
        }

        foreach (var node in NewPods().Select(entry => entry.Pod.Node).Distinct().Select(name => _nodes[name]))
        {
            var sum = used[node.Name].Plus(node.UsedByOthers);
            foreach (var name in NewPods().Where(entry => entry.Pod.Node == node.Name).SelectMany(entry => entry.Set.Requests.Amounts.Keys).Append("pods").Distinct())
            {
                Assert.True(sum[name] <= node.Allocatable[name], $"{node.Name}: {sum[name]} {name} of {node.Allocatable[name]}");
            }
        }
    }

    /// <summary>What was admitted keeps within quota, borrowing and lending limits, and each cohort within what its members have.</summary>
    internal void CheckQuota()
    {
        var (all, added) = (new Dictionary<(string Queue, string Flavor, string Resource), long>(), new HashSet<(string Queue, string Flavor, string Resource)>());
        foreach (var (gang, set, pod) in AllPods().Select(entry => (Owner(entry.Set), entry.Set, entry.Pod)))
        {
            foreach (var (name, amount) in set.Requests.Plus(OnePod).Amounts)
            {
                all[(gang.Queue, pod.Flavor, name)] = all.GetValueOrDefault((gang.Queue, pod.Flavor, name)) + amount;
            }
        }

        foreach (var (gang, set, pod) in NewPods())
        {
            added.UnionWith(set.Requests.Plus(OnePod).Amounts.Keys.Select(name => (gang.Queue, pod.Flavor, name)));
        }

        foreach (var cell in added)
        {
            if (Limits(cell) is not { } limits)
            {
                Assert.True(cell.Resource == "pods", $"{cell}: no quota names it");
                continue;
            }

            var (nominal, kept, borrowing) = limits;
            var cohort = Root(cell.Queue);
            Assert.True(all[cell] <= (cohort.Length == 0 ? nominal : nominal + borrowing), $"{cell}: {all[cell]} of {nominal} + {borrowing}");
            if (cohort.Length > 0 && all[cell] > kept)
            {
                var members = before.Queues.Where(queue => Root(queue.Name) == cohort).Select(queue => cell with { Queue = queue.Name }).ToArray();
                var lent = members.Sum(member => Limits(member) is var (has, keeps, _) ? has - keeps : 0);
                var taken = members.Where(member => member.Resource != "pods" || Limits(member) is not null).Sum(member => Math.Max(0, all.GetValueOrDefault(member) - (Limits(member)?.Kept ?? 0)));
                Assert.True(taken <= lent, $"{cell}: cohort {cohort} uses {taken} of {lent}");
            }
        }
    }

    /// <summary>Every gang that waits is told why, once, in a sentence.</summary>
    internal void CheckVerdicts()
    {
        var admitted = pass.Admitted.Select(admission => admission.GangId).ToHashSet();
        Assert.Equal(before.Gangs.Where(gang => gang.Placement is null && !admitted.Contains(gang.Id)).Select(gang => gang.Id).Order(), pass.Waiting.Select(verdict => verdict.GangId).Order());
        foreach (var verdict in pass.Waiting)
        {
            Assert.True(verdict.Message.Length > 10, verdict.ToString());
            Assert.True(verdict.EarliestStart is null || verdict.EarliestStart >= before.Now, verdict.ToString());
            Assert.InRange(verdict.NodesByCause.Values.Sum(), 0, before.Nodes.Count);
        }

        foreach (var queue in pass.Waiting.Where(verdict => verdict.Position > 0).GroupBy(verdict => _gangs[verdict.GangId].Queue))
        {
            Assert.Equal(Enumerable.Range(1, queue.Count()), queue.Select(verdict => verdict.Position));
        }
    }

    /// <summary>Nobody is stopped but by a right that the preemptor's queue grants.</summary>
    internal void CheckPreemptions()
    {
        Assert.Equal(pass.Preempted.Count, pass.Preempted.Select(preemption => preemption.GangId).Distinct().Count());
        var gone = before.Gangs.Where(gang => gang.IsTerminating).Select(gang => gang.Id).ToHashSet();
        foreach (var preemption in pass.Preempted)
        {
            var (victim, gang) = (_gangs[preemption.GangId], _gangs[preemption.ForGangId]);
            var spec = _queues[gang.Queue].Spec;
            Assert.Equal(WaitReason.PreemptionPending, pass.Waiting.Single(verdict => verdict.GangId == gang.Id).Reason);
            Assert.True(victim is { IsPreemptible: true, IsTerminating: false, Placement: not null }, victim.Id);
            if (victim.Queue == gang.Queue)
            {
                Assert.Equal(PreemptionCause.Priority, preemption.Cause);
                Assert.True(spec.WithinQueue != PreemptionPolicy.Never && (victim.Priority < gang.Priority || spec.WithinQueue == PreemptionPolicy.Any && victim.Priority == gang.Priority && victim.SubmittedAt >= gang.SubmittedAt), preemption.ToString());
            }
            else
            {
                Assert.NotEqual(PreemptionCause.Priority, preemption.Cause);
                Assert.True(Root(gang.Queue).Length > 0 && Root(victim.Queue) == Root(gang.Queue), preemption.ToString());
                Assert.True(spec.ReclaimWithinCohort == PreemptionPolicy.Any || spec.ReclaimWithinCohort == PreemptionPolicy.LowerPriority && victim.Priority < gang.Priority, preemption.ToString());
                Assert.True(Borrowed(victim.Queue, gone).Any(cell => Limits(cell with { Queue = gang.Queue }) is not null && gang.PodSets.Any(set => set.Requests.Plus(OnePod)[cell.Resource] > 0)), $"{preemption}: the victim's queue has borrowed nothing that is asked for");
            }

            gone.Add(victim.Id);
        }
    }

    private static ResourceList OnePod { get; } = new([KeyValuePair.Create("pods", 1L)]);

    /// <summary>Of what the gangs that run of a queue use more than its nominal quota, without some of them.</summary>
    private IEnumerable<(string Queue, string Flavor, string Resource)> Borrowed(string queue, HashSet<string> gone) =>
        from gang in before.Gangs
        where gang.Queue == queue && !gone.Contains(gang.Id)
        from pod in gang.Placement?.Pods ?? []
        from amount in gang.PodSets.Single(set => set.Role == pod.Role).Requests.Plus(OnePod).Amounts
        group amount.Value by (Queue: queue, pod.Flavor, Resource: amount.Key) into cell
        where cell.Sum() > (Limits(cell.Key)?.Nominal ?? 0)
        select cell.Key;

    private (long Nominal, long Kept, long Borrowing)? Limits((string Queue, string Flavor, string Resource) cell)
    {
        var quota = _queues.GetValueOrDefault(cell.Queue)?.Spec.Quotas.FirstOrDefault(quota => quota.Flavor == cell.Flavor)?.Resources.GetValueOrDefault(cell.Resource);
        if (quota is null)
        {
            return null;
        }

        var scale = cell.Resource == "cpu" ? 1000 : 1;
        var nominal = (long)(quota.Nominal.Value * scale);
        return (nominal, quota.LendingLimit is { } lending ? Math.Max(0, nominal - (long)(lending.Value * scale)) : 0, quota.BorrowingLimit is { } borrowing ? (long)(borrowing.Value * scale) : 1L << 50);
    }

    private string Root(string queue) => _queues.TryGetValue(queue, out var known) ? known.Spec.Cohort.Split('/')[0] : "";

    private Gang Owner(PodSet set) => before.Gangs.Single(gang => gang.PodSets.Any(own => ReferenceEquals(own, set)));

    private IEnumerable<(Gang Gang, PodSet Set, PodPlacement Pod)> NewPods() =>
        from admission in pass.Admitted
        let gang = _gangs[admission.GangId]
        from pod in admission.Placement.Pods
        where gang.Placement?.Pods.Contains(pod) != true
        select (gang, gang.PodSets.Single(set => set.Role == pod.Role), pod);

    private IEnumerable<(PodSet Set, PodPlacement Pod)> AllPods() =>
        (from gang in before.Gangs
         from pod in gang.Placement?.Pods ?? []
         select (gang.PodSets.Single(set => set.Role == pod.Role), pod)).Concat(NewPods().Select(entry => (entry.Set, entry.Pod)));

    internal static bool Meets(NodeSelectorTerm term, Node node) =>
        term.Expressions.Count + term.Fields.Count > 0
        && term.Expressions.All(requirement => Meets(requirement, node.Labels.TryGetValue(requirement.Key, out var value) ? value : null))
        && term.Fields.All(requirement => Meets(requirement, node.Name));

    private static bool Meets(NodeRequirement requirement, string? label)
    {
        switch (requirement.Operator)
        {
            case "In":
                return label is not null && requirement.Values.Contains(label);
            case "NotIn":
                return label is null || !requirement.Values.Contains(label);
            case "Exists":
                return label is not null;
            case "DoesNotExist":
                return label is null;
            default:
                return int.TryParse(label, out var has) && int.TryParse(requirement.Values[0], out var bound) && (requirement.Operator == "Gt" ? has > bound : has < bound);
        }
    }
}
