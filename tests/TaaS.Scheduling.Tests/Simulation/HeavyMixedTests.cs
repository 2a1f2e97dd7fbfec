using TaaS.Jobs.Traces;
using TaaS.Scheduling.Simulation;

namespace TaaS.Scheduling.Tests.Simulation;

/// <summary>The example trace that the README's figures come from. Lost otherwise: backfill that fills the cluster at the expense of whoever is first.</summary>
public sealed class HeavyMixedTests
{
    /// <summary>The file's own seed and another, so that no lucky draw is shown.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(2)]
    public void Backfill_RaisesUtilisation_AndTheHeadOfTheQueueWaitsNoLonger(int seed)
    {
        var trace = SimulationTrace.Parse(File.ReadAllText(Path.Combine(Root(), "scheduler", "examples", "heavy-mixed.yaml")), static name => throw new FileNotFoundException(name));
        var workload = TraceWorkload.Of(trace with { Workload = trace.Workload! with { Seed = seed } });

        var (strict, backfill) = (workload.Run("fair"), workload.Run("fair+backfill"));

        Assert.Equal((500, 500), (strict.Finished, backfill.Finished));
        Assert.True(backfill.GpuUtilisation > strict.GpuUtilisation + 0.05, $"utilisation went from {strict.GpuUtilisation:P1} to {backfill.GpuUtilisation:P1}");
        Assert.True(backfill.HeadDelaySeconds.Mean <= strict.HeadDelaySeconds.Mean, $"the head's delay went from {strict.HeadDelaySeconds.Mean:F0} s to {backfill.HeadDelaySeconds.Mean:F0} s");
        Assert.True(backfill.WaitSeconds.Mean < strict.WaitSeconds.Mean / 2, $"the mean wait went from {strict.WaitSeconds.Mean:F0} s to {backfill.WaitSeconds.Mean:F0} s");
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "TaaS.Engine.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return folder;
    }
}
