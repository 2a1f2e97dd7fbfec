using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Narratives;

/// <summary>A gang starts whole or not at all. Without this, half of a job holds GPUs and waits for the other half for ever.</summary>
public sealed class AdmissionTests
{
    [Fact]
    public void GangThatFits_StartsWithANodeForEveryPod()
    {
        var pass = new Cluster().Nodes(2).Queue("a", 16).Gang("one", pods: 12).Decide();

        var admission = Assert.Single(pass.Admitted);
        Assert.Empty(pass.Waiting);
        Assert.Equal(Enumerable.Range(0, 12), admission.Placement.Pods.Select(pod => pod.Index));
        Assert.Equal(8, admission.Placement.Pods.GroupBy(pod => pod.Node).Max(node => node.Count()));
    }

    [Fact]
    public void GangThatDoesNotFit_StartsNoPod()
    {
        var pass = new Cluster().Nodes(2).Queue("a", 99).Running("old", ["node-0"]).Gang("one", pods: 16).Decide();

        Assert.Empty(pass.Admitted);
        var verdict = Assert.Single(pass.Waiting);
        Assert.Equal(WaitReason.NoNodeFits, verdict.Reason);
    }
}
