using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TaaS.Kernels.Gpu;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Programs;

namespace TaaS.Runtime.Tests.Running;

/// <summary>A worker on a GPU learns what a worker on the CPU learns, with and without a server. Lost otherwise: training on the device that people buy for it.</summary>
public sealed class GpuTrainingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("taas-test-").FullName;
    private readonly GpuDevice _gpu = GpuDevice.CreateEmulator();

    public void Dispose()
    {
        _gpu.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Train_ToTheEnd_ScoresAsOnTheCpu(bool throughHostMemory)
    {
        var expected = Train(CpuDevice.Instance, throughHostMemory: false);
        var actual = Train(_gpu, throughHostMemory);
        Assert.Equal(expected.TestLoss!.Value, actual.TestLoss!.Value, 1e-3);
        Assert.Equal(expected.TestAccuracy!.Value, actual.TestAccuracy!.Value, 0.01);
        Assert.True(expected.TestAccuracy > 0.5, "the model learnt nothing, so that equal scores say nothing");
    }

    [Fact]
    public void Resume_OnTheGpu_GoesOnFromACheckpointOfTheCpu()
    {
        Train(CpuDevice.Instance, throughHostMemory: false);
        var expected = Train(CpuDevice.Instance, throughHostMemory: false, epochs: 2, resume: true);
        Train(CpuDevice.Instance, throughHostMemory: false);
        var actual = Train(_gpu, throughHostMemory: false, epochs: 2, resume: true);
        Assert.Equal(expected.TestLoss!.Value, actual.TestLoss!.Value, 1e-3);
    }

    private WorkerSummary Train(Device device, bool throughHostMemory, int epochs = 1, bool resume = false)
    {
        // Few steps, large ones: what takes time on the emulator is the number of launches.
        var job = TinyJob.Parse("sync", 1, 1, epochs);
        var plan = TrainingPlan.Of(job with { Spec = job.Spec with { BatchSize = 400, Optimizer = job.Spec.Optimizer with { LearningRate = 0.5 } } });
        var checkpoint = Path.Combine(_folder, "checkpoint.safetensors");
        return new TrainingLoop(plan, ExamplePrograms.Find("tiny"), device, worker: 0, "local").Run(
            (layout, values) => throughHostMemory
                ? new StagedParameterStore(values, host => new LocalParameterStore(layout, host, plan.Optimizer))
                : new LocalParameterStore(layout, values, plan.Optimizer),
            checkpoint,
            resume ? checkpoint : null,
            new ProgressProbe(),
            CancellationToken.None);
    }
}
