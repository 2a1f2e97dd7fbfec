using k8s.Models;
using TaaS.Kubernetes;

namespace TaaS.Operator.Tests;

/// <summary>What a stranger's pod holds of a node: too little counted would over-commit it.</summary>
public sealed class PodRequestsTests
{
    [Theory]
    [InlineData("1", "500m", null, null, 1500)]
    [InlineData("1", "500m", "4", null, 4000)]
    [InlineData("1", "500m", "1", null, 1500)]
    [InlineData("1", "500m", "4", "250m", 4250)]
    public void Requests_AreTheGreaterOfContainersAndInit_AndTheOverhead(string first, string second, string? init, string? overhead, long expected)
    {
        var pod = Pod(first, second);
        pod.Spec.InitContainers = init is null ? null : [Container(init)];
        pod.Spec.Overhead = overhead is null ? null : new Dictionary<string, ResourceQuantity> { ["cpu"] = new(overhead) };

        Assert.Equal(expected, PodRequests.Of(pod)["cpu"]);
        Assert.Equal(1, PodRequests.Of(pod)["pods"]);
    }

    [Fact]
    public void InitContainersThatStay_CountWithTheContainers()
    {
        var pod = Pod("1", "1");
        pod.Spec.InitContainers = [Sidecar("500m"), Container("3"), Sidecar("500m")];

        Assert.Equal(3500, PodRequests.Of(pod)["cpu"]);
    }

    private static V1Pod Pod(params string[] cpus) => new() { Metadata = new V1ObjectMeta { Name = "pod" }, Spec = new V1PodSpec { Containers = [.. cpus.Select(Container)] } };

    private static V1Container Container(string cpu) => new() { Resources = new V1ResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(cpu) } } };

    private static V1Container Sidecar(string cpu)
    {
        var container = Container(cpu);
        container.RestartPolicy = "Always";
        return container;
    }
}
