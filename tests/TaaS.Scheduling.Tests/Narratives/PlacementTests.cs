using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Narratives;

/// <summary>Which of the nodes that would do are taken. Badly chosen, whole nodes are broken up and gangs talk across racks.</summary>
public sealed class PlacementTests
{
    private const string Clique = "nvidia.com/gpu.clique";
    private const string Rack = "topology.kubernetes.io/rack";

    [Fact]
    public void SmallGang_FillsANodeInUse_AndLeavesTheWholeOneFree() =>
        Assert.Equal(["node-1"], Nodes(new Cluster().Nodes(3).Queue("a", 99).Running("old", ["node-1"], gpus: 3).Gang("new", pods: 2)));

    [Fact]
    public void SmallGang_TakesTheTightestOfTheNodesInUse() =>
        Assert.Equal(["node-2"], Nodes(new Cluster().Nodes(3).Queue("a", 99).Running("one", ["node-0"], gpus: 2).Running("two", ["node-1"], gpus: 5).Running("three", ["node-2"], gpus: 6).Gang("new", pods: 2)));

    [Fact]
    public void LargeGang_TakesWholeNodesAndFillsUpOneInUse() =>
        Assert.Equal(["node-0", "node-2"], Nodes(new Cluster().Nodes(4).Queue("a", 99).Running("old", ["node-2"], gpus: 4).Gang("new", pods: 12)));

    [Fact]
    public void Gang_StaysInTheSmallestDomainThatHoldsIt() =>
        Assert.Equal(["node-2", "node-3"], Nodes(Racks(6, index => index / 2, index => index / 4).Running("old", ["node-0"], gpus: 4).Running("other", ["node-5"], gpus: 2).Gang("new", pods: 2, gpus: 8)));

    [Fact]
    public void Gang_TakesTheDomainThatItFillsBest() =>
        Assert.Equal(["node-4", "node-5"], Nodes(Racks(6, _ => 0, index => index / 4).Gang("new", pods: 2, gpus: 8)));

    [Fact]
    public void RoleWithDevices_DecidesHowWellADomainIsFilled()
    {
        // Two nodes of rack r0 have GPUs, all three of r1; for the server r0 has the most to spare.
        var cluster = new Cluster().Nodes(2, prefix: "a", change: In("r0")).Nodes(2, gpus: 0, prefix: "b", change: In("r0")).Nodes(3, prefix: "c", change: In("r1")).Queue("a", 99)
            .Gang("new", pods: 2, gpus: 8, change: gang => gang with { TopologyKey = Rack, PodSets = [gang.PodSets[0], new PodSet { Role = "ps", Count = 1, MinCount = 1, Requests = Cluster.Resources(0, 1, 1) }] });

        Assert.Equal(["a-0", "a-1", "b-0"], Nodes(cluster));
    }

    [Fact]
    public void RolesWithDevices_ChooseFirst()
    {
        // The evaluator would fit node-0 most tightly, but then the workers have only one node.
        var cluster = new Cluster().Nodes(1, prefix: "a", cpu: 32).Nodes(1, prefix: "b").Queue("a", 99).Gang("new", pods: 2, gpus: 8, change: gang => gang with
        {
            PodSets = [new PodSet { Role = "evaluator", Count = 1, MinCount = 1, Requests = Cluster.Resources(0, 32, 1) }, gang.PodSets[0] with { Requests = Cluster.Resources(8, 32, 1) }],
        });

        Assert.Equal([("evaluator", "b-0"), ("worker", "a-0"), ("worker", "b-0")], Assert.Single(cluster.Decide().Admitted).Placement.Pods.Select(pod => (pod.Role, pod.Node)).Order());
    }

    [Fact]
    public void GangTooLargeForAClique_StaysInARack() =>
        Assert.Equal(["node-4", "node-5", "node-6", "node-7"], Nodes(Racks(8, index => index / 2, index => index / 4).Running("old", ["node-1"]).Gang("new", pods: 4, gpus: 8)));

    [Fact]
    public void GangTooLargeForAnyDomain_TakesTheFewest() =>
        Assert.Equal(3, Nodes(Racks(12, _ => 0, index => index / 4).Running("old", ["node-0"]).Running("two", ["node-4"]).Gang("new", pods: 9, gpus: 8, change: gang => gang with { TopologyKey = Rack }))
            .Select(node => int.Parse(node.Split('-')[1], System.Globalization.CultureInfo.InvariantCulture) / 4).Distinct().Count());

    [Fact]
    public void GangTooLargeForAnyDomain_TakesTheRoomiest_AndForTheRestTheTightest() =>
        Assert.Equal(["node-0", "node-3", "node-4", "node-5"], Nodes(Racks(6, _ => 0, index => index switch { 0 => 0, 1 or 2 => 1, _ => 2 }).Gang("new", pods: 4, gpus: 8)));

    [Fact]
    public void OfEquallyTightDomains_TheFirstTakesTheRest() =>
        Assert.Equal(["node-0", "node-1", "node-2"], Nodes(Racks(4, _ => 0, index => Math.Max(0, index - 1)).Gang("new", pods: 3, gpus: 8)));

    /// <summary>Only some nodes say where they are: those are still near each other.</summary>
    [Fact]
    public void TheOneDomainAmongNodesWithoutAny_IsPreferred() =>
        Assert.Equal(["node-2", "node-3"], Nodes(new Cluster().Nodes(4, change: node => node.Name is "node-2" or "node-3" ? In("r0")(node) : node).Queue("a", 99).Gang("new", pods: 2, gpus: 8)));

    [Fact]
    public void GangTooLargeForAnyDomain_TakesFewOfTheNearest() =>
        Assert.Equal(["node-0", "node-1", "node-2", "node-4", "node-5"], Nodes(Racks(8, index => index switch { < 3 => 0, 3 => 1, < 6 => 2, _ => 3 }, index => index / 4).Running("old", ["node-6"]).Gang("new", pods: 5, gpus: 8)));

    [Fact]
    public void FewestDomains_GiveWay_WhereTheyLeaveAnotherRoleNoRoom()
    {
        // Rack r0 has the least that holds the evaluator; but its node and the whole one of r1 are all that the workers can use.
        var cluster = new Cluster().Nodes(1, prefix: "a", change: In("r0")).Nodes(2, prefix: "b", change: In("r1")).Queue("a", 99).Running("old", ["b-0"], gpus: 4)
            .Gang("new", pods: 2, gpus: 8, change: gang => gang with { PodSets = [gang.PodSets[0] with { Role = "evaluator", Count = 1, MinCount = 1, Requests = Cluster.Resources(4, 1, 1) }, gang.PodSets[0]] });

        Assert.Equal(["a-0", "b-0", "b-1"], Nodes(cluster));
    }

    [Fact]
    public void OwnKey_GoesBeforeTheUsualOnes() =>
        Assert.Equal(["node-1", "node-3"], Nodes(new Cluster().Nodes(4, change: node => node with { Labels = new Dictionary<string, string> { ["side"] = node.Name is "node-1" or "node-3" ? "left" : "right", [Rack] = node.Name is "node-0" or "node-1" ? "r0" : "r1" } })
            .Queue("a", 99).Running("old", ["node-0"]).Gang("new", pods: 2, gpus: 8, change: gang => gang with { TopologyKey = "side" })));

    [Fact]
    public void RequiredDomain_IsWaitedFor()
    {
        var cluster = Racks(4, _ => 0, index => index / 2).Running("one", ["node-0"]).Running("two", ["node-2"]);

        Assert.Equal(2, Nodes(cluster.Gang("wants", pods: 2, gpus: 8, change: gang => gang with { TopologyKey = Rack })).Length);
        var verdict = Racks(4, _ => 0, index => index / 2).Running("one", ["node-0"]).Running("two", ["node-2"]).Gang("needs", pods: 2, gpus: 8, change: gang => gang with { TopologyKey = Rack, IsTopologyRequired = true }).Decide().Waiting.Single();
        Assert.Equal(WaitReason.NoNodeFits, verdict.Reason);
        Assert.Contains("in one topology.kubernetes.io/rack", verdict.Message, StringComparison.Ordinal);
        Assert.Equal(WaitReason.NeverFits, Racks(4, _ => 0, index => index / 2).Gang("needs", pods: 3, gpus: 8, change: gang => gang with { TopologyKey = Rack, IsTopologyRequired = true }).Decide().Waiting.Single().Reason);
    }

    /// <summary>Two roles that fit a node each by itself, but not together: the domains of one node seem to do.</summary>
    [Fact]
    public void RequiredDomain_IsFoundBehindAnyNumberThatSeemToDo() =>
        Assert.Equal(["node-6", "node-7"], Nodes(Racks(8, _ => 0, index => Math.Min(index, 6)).Gang("new", gpus: 8, change: gang => gang with
        {
            TopologyKey = Rack, IsTopologyRequired = true, PodSets = [gang.PodSets[0], gang.PodSets[0] with { Role = "evaluator" }],
        })));

    [Fact]
    public void Servers_FillNodesInUse() =>
        Assert.Equal(["node-0", "node-2"], Nodes(new Cluster().Nodes(3).Queue("a", 99).Running("one", ["node-0"], gpus: 2).Running("two", ["node-2"], gpus: 4).Gang("new", pods: 2, set: set => set with { IsSpread = true })));

    [Fact]
    public void Servers_GoToDifferentNodesWithoutGpus_InWhicheverRack()
    {
        var cluster = new Cluster().Nodes(3, change: In("r0")).Nodes(3, gpus: 0, prefix: "cpu", change: In("r1")).Queue("a", 99)
            .Gang("new", pods: 4, change: gang => gang with { PodSets = [gang.PodSets[0], new PodSet { Role = "ps", Count = 2, MinCount = 2, Requests = Cluster.Resources(0, 2, 4), IsSpread = true }] });

        var pods = Assert.Single(cluster.Decide().Admitted).Placement.Pods;
        Assert.Single(pods.Where(pod => pod.Role == "worker").Select(pod => pod.Node).Distinct());
        var servers = pods.Where(pod => pod.Role == "ps").Select(pod => pod.Node).ToArray();
        Assert.Equal(2, servers.Distinct().Count());
        Assert.All(servers, node => Assert.StartsWith("cpu-", node, StringComparison.Ordinal));
    }

    [Fact]
    public void Servers_StayInTheDomainThatTheGangNames() =>
        Assert.Equal(["node-0", "node-1"], Nodes(new Cluster().Nodes(2, change: In("r0")).Nodes(2, gpus: 0, prefix: "cpu", change: In("r1")).Queue("a", 99)
            .Gang("new", change: gang => gang with { TopologyKey = Rack, PodSets = [gang.PodSets[0], new PodSet { Role = "ps", Count = 2, MinCount = 2, Requests = Cluster.Resources(0, 2, 4), IsSpread = true }] })));

    [Fact]
    public void MoreServersThanNodes_ShareThem() =>
        Assert.Equal([2, 3], Assert.Single(new Cluster().Nodes(2).Queue("a", 99).Gang("new", pods: 5, set: set => set with { IsSpread = true }).Decide().Admitted).Placement.Pods.GroupBy(pod => pod.Node).Select(node => node.Count()).Order());

    [Fact]
    public void SpreadStrategy_TakesTheEmptiestNodes() =>
        Assert.Equal(["node-1", "node-2"], Nodes(new Cluster().Nodes(3).Queue("a", 99).Running("old", ["node-0"], gpus: 2).Gang("new", pods: 2), new SchedulerOptions { Placement = PlacementStrategy.Spread }));

    [Fact]
    public void SpreadStrategy_IsNotKeptInOneDomain() =>
        Assert.Equal(4, Nodes(Racks(4, _ => 0, index => index / 2).Gang("new", pods: 4), new SchedulerOptions { Placement = PlacementStrategy.Spread }).Length);

    [Fact]
    public void PreferredAffinity_AndTaintsThatPrefer_Decide()
    {
        var cluster = new Cluster()
            .Nodes(1, prefix: "plain").Nodes(1, prefix: "fast", change: node => node with { Labels = new Dictionary<string, string> { ["disk"] = "nvme" } })
            .Nodes(1, prefix: "avoid", change: node => node with { Taints = [new Taint("old", "", Taint.PreferNoSchedule)] }).Queue("a", 99);
        var prefers = new NodeAffinity([], [new PreferredTerm(10, new NodeSelectorTerm([new NodeRequirement("disk", "In", ["nvme"])], []))]);

        Assert.Equal(["fast-0"], Nodes(cluster.Gang("one", set: set => set with { Affinity = prefers })));
        Assert.Equal(["fast-0"], Nodes(new Cluster().Nodes(1, prefix: "avoid", change: node => node with { Taints = [new Taint("old", "", Taint.PreferNoSchedule)] }).Nodes(1, prefix: "fast").Queue("a", 99).Gang("one")));
        Assert.Equal(["avoid-0"], Nodes(new Cluster().Nodes(1, prefix: "avoid", change: node => node with { Taints = [new Taint("old", "", Taint.PreferNoSchedule)] }).Queue("a", 99).Gang("one")));
    }

    [Fact]
    public void Flavor_BringsItsLabelsAndTolerations_InTheQueuesOrder()
    {
        var taint = new Taint("spot", "true", Taint.NoSchedule);
        var cluster = new Cluster()
            .Nodes(1, prefix: "spot", change: node => node with { Labels = new Dictionary<string, string> { ["kind"] = "spot" }, Taints = [taint] }).Nodes(2, prefix: "own", change: node => node with { Labels = new Dictionary<string, string> { ["kind"] = "own" } })
            .Flavor("spot", spec => spec with { NodeLabels = new Dictionary<string, string> { ["kind"] = "spot" }, NodeTaints = [taint] }).Flavor("own", spec => spec with { NodeLabels = new Dictionary<string, string> { ["kind"] = "own" } })
            .Queue("a", 8, flavor: "spot", change: spec => spec with { Quotas = [Cluster.Quota("spot", 8), Cluster.Quota("own", 16)] })
            .Gang("first", gpus: 8, age: 2).Gang("second", gpus: 8, age: 1).Gang("third", gpus: 8, set: set => set with { Flavor = "spot" });

        var pass = cluster.Decide();

        Assert.Equal([("first", "spot-0", "spot"), ("second", "own-0", "own")], pass.Admitted.Select(admission => (admission.GangId, admission.Placement.Pods[0].Node, admission.Placement.Pods[0].Flavor)));
        Assert.Equal(WaitReason.WaitingForQuota, Assert.Single(pass.Waiting).Reason);
    }

    [Fact]
    public void UnhealthyGpu_AndForeignPods_ArePassedBy()
    {
        var cluster = new Cluster().Nodes(1, gpus: 7).Nodes(1, prefix: "shared", change: node => node with { UsedByOthers = Cluster.Resources(1, 2, 2) }).Nodes(1, prefix: "good").Queue("a", 99).Gang("new", gpus: 8);

        Assert.Equal(["good-0"], Nodes(cluster));
    }

    [Fact]
    public void SharedAndMigDevices_AreResourcesOfTheirOwn()
    {
        ResourceList Of(string name) => new([KeyValuePair.Create(name, 2L), KeyValuePair.Create("pods", 10L), KeyValuePair.Create("cpu", 8000L), KeyValuePair.Create("memory", 8L << 30)]);
        var cluster = new Cluster()
            .Nodes(1, prefix: "mig", change: node => node with { Allocatable = Of("nvidia.com/mig-1g.18gb") }).Nodes(1, prefix: "shared", change: node => node with { Allocatable = Of("nvidia.com/gpu.shared") })
            .Queue("a", 9, change: spec => spec with { Quotas = [new FlavorQuota("gpu", new Dictionary<string, ResourceQuota> { ["cpu"] = new(Cluster.Quantity(9)), ["nvidia.com/mig-1g.18gb"] = new(Cluster.Quantity(2)), ["nvidia.com/gpu.shared"] = new(Cluster.Quantity(1)) })] })
            .Gang("mig", pods: 2, set: set => set with { Requests = new ResourceList([KeyValuePair.Create("nvidia.com/mig-1g.18gb", 1L)]) })
            .Gang("shared", pods: 1, set: set => set with { Requests = new ResourceList([KeyValuePair.Create("nvidia.com/gpu.shared", 1L)]) });

        var pass = cluster.Decide();

        Assert.Empty(pass.Waiting);
        Assert.All(pass.Admitted, admission => Assert.All(admission.Placement.Pods, pod => Assert.StartsWith(admission.GangId, pod.Node, StringComparison.Ordinal)));
    }

    private static Cluster Racks(int count, Func<int, int> clique, Func<int, int> rack)
    {
        var index = 0;
        return new Cluster().Nodes(count, change: node => node with
        {
            Labels = new Dictionary<string, string> { [Clique] = $"c{clique(index)}", [Rack] = $"r{rack(index++)}" },
        }).Queue("a", 999);
    }

    private static Func<Node, Node> In(string rack) => node => node with { Labels = new Dictionary<string, string> { [Rack] = rack } };

    private static string[] Nodes(Cluster cluster, SchedulerOptions? options = null) => [.. Assert.Single(cluster.Decide(options).Admitted).Placement.Pods.Select(pod => pod.Node).Distinct().Order()];
}
