namespace TaaS.Operator.Tests;

/// <summary>Against the cluster that <c>KUBECONFIG</c> names; skipped where there is none.</summary>
[Trait("Category", "cluster")]
public sealed class ClusterLifecycleTests : LifecycleTests
{
    private protected override async Task<TestCluster> OpenAsync() => await RealCluster.OpenAsync();
}
