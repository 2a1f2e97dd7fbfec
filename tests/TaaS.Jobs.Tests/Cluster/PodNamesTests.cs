namespace TaaS.Jobs.Tests;

/// <summary>Roles find each other by these names alone.</summary>
public sealed class PodNamesTests
{
    [Fact]
    public void Cluster_NamesEveryRoleThatMayEverBe()
    {
        var job = TrainingJob.Parse(ClusterFieldTests.Full);

        var cluster = PodNames.Cluster(job, "team-a", 7000);

        Assert.Equal(["full-ps-0.full.team-a.svc:7000"], cluster.ParameterServers);
        Assert.Equal(["full-worker-0.full.team-a.svc:7000", "full-worker-1.full.team-a.svc:7000", "full-worker-2.full.team-a.svc:7000", "full-worker-3.full.team-a.svc:7000"], cluster.Workers);
    }

    [Theory]
    [InlineData("cpu", false, false)]
    [InlineData("memory", false, false)]
    [InlineData("hugepages-2Mi", false, true)]
    [InlineData("nvidia.com/mig-1g.10gb", true, true)]
    public void ResourceName_TellsDevicesFromTheRest(string name, bool extended, bool limited) =>
        Assert.Equal((extended, limited), (ResourceName.IsExtended(name), ResourceName.NeedsLimit(name)));
}
