using TaaS.Jobs;

namespace TaaS.Scheduling.Tests;

/// <summary>Without these rules a pod lands on a node that will not have it.</summary>
public sealed class TolerationTests
{
    private static readonly Taint Gpu = new("nvidia.com/gpu", "present", Taint.NoSchedule);

    [Theory]
    [InlineData("nvidia.com/gpu", "Exists", "", "", true)]
    [InlineData("nvidia.com/gpu", "Equal", "present", "NoSchedule", true)]
    [InlineData("nvidia.com/gpu", "Equal", "absent", "NoSchedule", false)]
    [InlineData("nvidia.com/gpu", "Exists", "", "NoExecute", false)]
    [InlineData("", "Exists", "", "", true)]
    [InlineData("", "Equal", "present", "", false)]
    [InlineData("other", "Exists", "", "", false)]
    public void Toleration_FollowsTheApisRules(string key, string op, string value, string effect, bool tolerates) =>
        Assert.Equal(tolerates, new Toleration(key, op, value, effect).Tolerates(Gpu));
}
