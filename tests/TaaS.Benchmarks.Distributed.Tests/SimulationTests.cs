using CsCheck;
using TaaS.Benchmarks.Distributed.Content;
using TaaS.Benchmarks.Distributed.Simulation;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Benchmarks.Distributed.Tests;

/// <summary>Whoever plans a cluster by the simulation's lines needs them to be what the model says. Lost otherwise: money for the wrong machines.</summary>
public sealed class SimulationTests
{
    private const int SliceBytes = ParameterLayout.MaxSliceElements * sizeof(float);
    private const double Rate = 1e9;
    private const double Latency = 1e-4;
    private const double Compute = 0.02;
    private const double Rounding = 1e-12;

    private static readonly ClusterModel Cluster = new() { Processors = 2, IsOneMachine = false, LineBytesPerSecond = Rate, LatencySeconds = Latency, PieceBytes = SliceBytes };

    private static readonly ClusterModel OneMachine = new() { Processors = 2, IsOneMachine = true, MessageSeconds = 1e-5, ByteSeconds = 5e-10, UpdateByteSeconds = 2e-10 };

    [Fact]
    public void OneWorkerOneServerOneSlice_IsComputingAndTransferBothWays() =>
        Near(Compute + 2 * (SliceBytes / Rate + Latency), Step(Cluster, 0, 1, 1, slices: 1));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3)]
    public void OneWorkerOneServerManySlices_PushesWhileItPulls(int staleness)
    {
        // The first slice goes last; only its answer comes after all pushes.
        var slices = Layout(10, servers: 1).Slices;
        var bytes = (slices.Sum(slice => slice.Length) + slices[0].Length) * sizeof(float);
        Near(Compute + bytes / Rate + 2 * Latency, Step(Cluster, staleness, 1, 1, slices: 10));
    }

    [Fact]
    public void Update_OfTheLastSlice_IsWaitedFor()
    {
        var update = 3e-3;
        var model = Cluster with { UpdateByteSeconds = update / SliceBytes };
        Near(Compute + 2 * (SliceBytes / Rate + Latency) + update, Step(model, 0, 1, 1, slices: 1));
    }

    [Fact]
    public void Async_ManyWorkers_IsBoundByTheServersLine() =>
        Near(16 * 4 * SliceBytes / Rate, Step(Cluster, -1, workers: 16, servers: 1, slices: 4), within: 0.02);

    [Fact]
    public void Async_ManyWorkersAndServers_IsBoundByAllServersLines() =>
        Near(16 * 4 * SliceBytes / Rate / 4, Step(Cluster with { PieceBytes = SliceBytes / 16 }, -1, workers: 16, servers: 4, slices: 4, compute: 0), within: 0.15);

    [Fact]
    public void Sync_ManyWorkers_ComputeAndThenShareTheServersLine()
    {
        // The last gradient of the first slice comes when all workers' first slices have: from then on answers go out as the rest comes in.
        var gathered = 16 * 4 * SliceBytes / Rate;
        var step = Step(Cluster, 0, workers: 16, servers: 1, slices: 4);
        Assert.InRange(step, Compute + gathered, Compute + 2 * gathered + 2 * Latency);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Async_OneMachine_IsBoundByItsProcessors(int processors)
    {
        var model = OneMachine with { Processors = processors };
        const int workers = 12;
        Near(workers * ProcessorSeconds(model, slices: 4) / processors, Step(model, -1, workers, servers: 2, slices: 4, compute: 0), within: 0.02);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(2)]
    public void Step_NeverGetsCheaperByWorkers_NorDearerByServersOrBandwidth(int staleness)
    {
        var byWorkers = Enumerable.Range(1, 8).Select(workers => Step(Cluster, staleness, workers, 1, 8)).ToArray();
        var byServers = new[] { 1, 2, 4, 8 }.Select(servers => Step(Cluster, staleness, 8, servers, 8)).ToArray();
        var byRate = new[] { 1, 2, 4, 8 }.Select(times => Step(Cluster with { LineBytesPerSecond = times * Rate }, staleness, 8, 2, 8)).ToArray();
        var byProcessors = new[] { 1, 2, 4, 8 }.Select(count => Step(OneMachine with { Processors = count }, staleness, 4, 2, 8)).ToArray();
        Assert.All(byWorkers.Zip(byWorkers.Skip(1)), pair => Assert.True(pair.Second >= pair.First - Rounding, $"workers: {string.Join(' ', byWorkers)}"));
        foreach (var falling in new[] { byServers, byRate, byProcessors })
        {
            Assert.All(falling.Zip(falling.Skip(1)), pair => Assert.True(pair.Second <= pair.First + Rounding, string.Join(' ', falling)));
        }
    }

    [Fact]
    public void Everything_IsCarriedUpdatedAndComputedOnce() =>
        (from workers in Gen.Int[1, 6]
         from servers in Gen.Int[1, 4]
         from staleness in Gen.Int[-1, 3]
         from slices in Gen.Int[1, 6]
         from elements in Gen.Int[1, 5000]
         from isOneMachine in Gen.Bool
         select (workers, servers, staleness, slices, elements, isOneMachine)).Sample(one =>
         {
             const int steps = 4;
             var model = OneMachine with { IsOneMachine = one.isOneMachine, LineBytesPerSecond = Rate, LatencySeconds = Latency, PieceBytes = 200_000 };
             var layout = ModelContent.LayoutOf((one.slices - 1) * ParameterLayout.MaxSliceElements + one.elements, one.servers);
             long bytes = layout.Slices.Sum(slice => (long)slice.Length) * sizeof(float);
             var policy = new UpdatePolicy(one.staleness, one.workers);
             var simulation = new TrainingSimulation(model, new TrainingCase(layout, policy, Compute), steps);
             var step = simulation.Run();

             long updates = policy.IsSync ? steps : (long)steps * one.workers;
             Assert.Equal(2L * bytes * one.workers * steps, simulation.Carried);
             Assert.Equal(updates * layout.Slices.Count, simulation.Updates);
             var passes = policy.IsSync && one.workers > 1 ? one.workers + 1 : 1;
             var processors = steps * one.workers * 4 * (layout.Slices.Count * model.MessageSeconds + bytes * model.ByteSeconds) + updates * passes * bytes * model.UpdateByteSeconds;
             Near(processors, simulation.Busy, within: 1e-6);
             Assert.True(step > Compute, $"{step}");
         }, iter: 60);

    [Fact]
    public void Run_Twice_IsTheSame() => Assert.Equal(Step(OneMachine, 2, 5, 3, 7), Step(OneMachine, 2, 5, 3, 7));

    [Fact]
    public void Processors_AreSharedEvenly()
    {
        var events = new EventQueue();
        var processors = new Processors(events, 2);
        var ends = new double[4];
        for (var i = 0; i < 3; i++)
        {
            var at = i;
            processors.Work(1, () => ends[at] = events.Now);
        }

        // Comes when a third of a second has been done of each of three, and makes it four on two.
        events.At(0.5, () => processors.Work(1.0 / 3, () => ends[3] = events.Now));
        events.Run();
        Near(0.5 + 2.0 / 3, ends[3]);
        Near(10.0 / 3 / 2, ends[2]);
        Near(10.0 / 3, processors.Busy);
    }

    private static double Step(ClusterModel model, int staleness, int workers, int servers, int slices, double compute = Compute) => new TrainingSimulation(
        model,
        new TrainingCase(Layout(slices, servers), new UpdatePolicy(staleness, workers), compute),
        steps: 20).Run();

    private static ParameterLayout Layout(int slices, int servers) => ModelContent.LayoutOf(slices * ParameterLayout.MaxSliceElements, servers);

    // Of one worker's step, on both sides: every byte and message has four ends.
    private static double ProcessorSeconds(ClusterModel model, int slices) =>
        slices * (4 * (model.MessageSeconds + SliceBytes * model.ByteSeconds) + SliceBytes * model.UpdateByteSeconds);

    private static void Near(double expected, double actual, double within = 1e-9) =>
        Assert.True(Math.Abs(actual / expected - 1) <= within, $"{actual} is not within {within:P} of {expected}");
}
