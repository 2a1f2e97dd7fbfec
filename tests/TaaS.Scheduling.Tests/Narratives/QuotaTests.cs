using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Narratives;

/// <summary>What queues may use of each other's quota.</summary>
public sealed class QuotaTests
{
    [Fact]
    public void Queue_BorrowsWhatItsCohortLeaves()
    {
        var admission = Assert.Single(new Cluster().Nodes(4).Queue("a", 8, "x").Queue("b", 8, "x").Gang("new", pods: 16).Decide().Admitted);

        Assert.True(admission.IsBorrowing);
    }

    [Theory]
    [InlineData(8, null)]
    [InlineData(9, WaitReason.WaitingForQuota)]
    public void Borrowing_EndsAtItsLimit(int pods, WaitReason? reason) =>
        Assert.Equal(reason, new Cluster().Nodes(4).Queue("a", 8, "x", borrow: 2).Queue("b", 8, "x").Running("old", ["node-0"], gpus: 2).Gang("new", pods).Decide().Waiting.SingleOrDefault()?.Reason);

    [Fact]
    public void Lending_EndsAtItsLimit()
    {
        var pass = new Cluster().Nodes(4).Queue("a", 8, "x").Queue("b", 8, "x", lend: 3).Gang("new", pods: 12).Gang("fits", pods: 11, age: 1).Decide();

        Assert.Equal("fits", Assert.Single(pass.Admitted).GangId);
        Assert.Equal(WaitReason.ExceedsMaxQuota, Assert.Single(pass.Waiting).Reason);
    }

    [Fact]
    public void OwnQuotaThatIsNotLent_IsThereWhateverTheCohortUses()
    {
        var pass = new Cluster().Nodes(4).Queue("a", 8, "x", lend: 0).Queue("b", 8, "x").Running("old", ["node-0", "node-1"], gpus: 8, queue: "b").Gang("mine", gpus: 8).Decide();

        Assert.Equal("mine", Assert.Single(pass.Admitted).GangId);
        Assert.Empty(pass.Preempted);
    }

    [Fact]
    public void OwnQuotaThatIsNotLent_DoesNotCountAgainstTheCohort() =>
        Assert.Single(new Cluster().Nodes(2).Queue("a", 8, "x", lend: 0).Queue("b", 8, "x").Running("kept", ["node-0"], gpus: 8).Gang("new", gpus: 8, queue: "b").Decide().Admitted);

    [Fact]
    public void Relatives_LendAcrossTheWholeTree()
    {
        var pass = new Cluster().Nodes(4).Queue("a", 4, "org/vision").Queue("b", 4, "org/speech").Queue("c", 4, "other").Gang("new", pods: 8).Gang("more", pods: 9, age: 1).Decide();

        Assert.Equal("new", Assert.Single(pass.Admitted).GangId);
        Assert.Equal(WaitReason.ExceedsMaxQuota, Assert.Single(pass.Waiting).Reason);
    }

    [Fact]
    public void QuotaEditedBelowUse_AdmitsNobodyAndStopsNobody()
    {
        var pass = new Cluster().Nodes(4).Queue("a", 2, "x").Queue("b", 0, "x").Running("old", ["node-0"], gpus: 8).Gang("new").Gang("other", queue: "b").Decide();

        Assert.Empty(pass.Admitted);
        Assert.Empty(pass.Preempted);
        Assert.Equal([WaitReason.WaitingForQuota, WaitReason.WaitingForQuota], pass.Waiting.Select(verdict => verdict.Reason));
    }

    [Fact]
    public void UseThatLostItsQueueFlavorOrNode_StillCounts()
    {
        var pass = new Cluster().Nodes(1).Queue("a", 8)
            .Running("noQueue", ["node-0"], gpus: 3, queue: "gone").Running("noFlavor", ["node-0"], gpus: 3, flavor: "gone").Running("noNode", ["gone"], gpus: 6)
            .Gang("new", pods: 2, age: 1).Gang("more").Decide();

        Assert.Equal("new", Assert.Single(pass.Admitted).GangId);
        Assert.Equal(WaitReason.WaitingForQuota, Assert.Single(pass.Waiting).Reason);
    }

    [Fact]
    public void PodsCount_WhereTheQueueNamesThem()
    {
        FlavorQuota[] quotas = [Cluster.Quota("gpu", 99) with { Resources = new Dictionary<string, ResourceQuota>(Cluster.Quota("gpu", 99).Resources) { ["pods"] = new(Cluster.Quantity(3)) } }];

        Assert.Equal(WaitReason.ExceedsMaxQuota, new Cluster().Nodes(2).Queue("a", 99, change: spec => spec with { Quotas = quotas }).Gang("new", pods: 4).Decide().Waiting.Single().Reason);
        Assert.Single(new Cluster().Nodes(2).Queue("a", 99, change: spec => spec with { Quotas = quotas }).Gang("new", pods: 3).Decide().Admitted);
    }
}
