using TaaS.Benchmarks.Distributed.Scaling;
using TaaS.Benchmarks.Distributed.Simulation;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Benchmarks.Distributed.Tests;

/// <summary>Two points must be enough: on a machine that is exactly as the model says, the simulation is right everywhere.</summary>
public sealed class CalibrationTests
{
    private const int Elements = 2_000_000;
    private const int Steps = 20;
    private const double Compute = 0.02;

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1.5e9)]
    public void Calibrate_ByTwoPoints_ForetellsAllOthers(double lineBytesPerSecond)
    {
        var truth = new ClusterModel
        {
            Processors = 2,
            IsOneMachine = true,
            MessageSeconds = 1.5e-5,
            LatencySeconds = 2e-5,
            ByteSeconds = 4e-10,
            UpdateByteSeconds = 2e-10,
            LineBytesPerSecond = lineBytesPerSecond,
        };

        var model = Calibration.Of(Measure(truth, 1024), Measure(truth, Elements), truth.Processors);

        foreach (var (staleness, servers, workers) in new[] { (0, 1, 4), (0, 4, 4), (-1, 1, 7), (-1, 2, 3), (4, 2, 6) })
        {
            var one = new ScalingCase(new UpdatePolicy(staleness, workers), servers, Elements, 20);
            var (expected, actual) = (Calibration.Simulate(truth, one, Compute, Steps), Calibration.Simulate(model, one, Compute, Steps));
            Assert.True(Math.Abs(actual / expected - 1) < 0.03, $"{one}: {actual} is not near {expected}");
        }
    }

    [Fact]
    public void Calibrate_MoreProcessorTimeThanTheExchangeTook_IsNotTakenForTheCostOfAMessage()
    {
        var one = new ScalingCase(new UpdatePolicy(-1, 1), 1, 1024, 20);
        var model = Calibration.Of(new ScalingMeasurement(one, 0.0202, 0.02, 0.001, 0.001), new ScalingMeasurement(one with { Elements = Elements }, 0.03, 0.02, 0.008, 0.01), 2);
        Assert.Equal(0.0002 / 4, model.MessageSeconds, 9);
        Assert.Equal(0, model.LatencySeconds, 9);
    }

    [Fact]
    public void StepCost_IsOfTheTimeInWhichAllWereAtWork()
    {
        // Steps of 1 and of 2 seconds; the slow one begins late and ends last.
        var fast = new StepTimes(0, [.. Enumerable.Range(1, 20).Select(end => (double)end)]);
        var slow = new StepTimes(1, [.. Enumerable.Range(1, 20).Select(end => 1 + 2.0 * end)]);
        Assert.Equal(1.5, StepCost.Of([fast, slow]), 6);
        Assert.Equal(1, StepCost.Of([fast]), 6);
    }

    // As a measurement of that machine would be.
    private static ScalingMeasurement Measure(ClusterModel truth, int elements)
    {
        var one = new ScalingCase(new UpdatePolicy(-1, 1), 1, elements, 20);
        var slices = one.Training(Compute).Layout.Slices.Count;
        var transport = 2 * (slices * truth.MessageSeconds + elements * 4.0 * truth.ByteSeconds);
        return new ScalingMeasurement(one, Calibration.Simulate(truth, one, Compute, Steps), Compute, transport, transport + elements * 4.0 * truth.UpdateByteSeconds);
    }
}
