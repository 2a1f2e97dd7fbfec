using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using TaaS.Benchmarks.Contenders;
using TaaS.Benchmarks.Operations.Families;
using TaaS.Benchmarks.Peers;
using TaaS.Kernels.Cpu;

namespace TaaS.Benchmarks.Suites;

/// <summary>A family of cases for BenchmarkDotNet: our kernels as the baseline, each peer a method beside them.</summary>
[MemoryDiagnoser]
[HideColumns("Error", "StdDev", "RatioSD", "Gen0", "Gen1", "Gen2", "Alloc Ratio")]
public abstract class Suite(string group)
{
    private Action _run = () => { };

    /// <summary>Every suite.</summary>
    public static Type[] All { get; } =
    [
        typeof(GemmSuite), typeof(ConvolutionSuite), typeof(PoolingSuite), typeof(VectorAddSuite), typeof(SoftmaxSuite), typeof(TrainingStepSuite),
        typeof(ElementwiseSuite), typeof(ActivationSuite), typeof(ReductionSuite), typeof(NormalizationSuite), typeof(RandomSuite), typeof(OptimizerSuite),
    ];

    /// <summary>What every run has in common; the job comes with <see cref="ShortRun"/> or from the command line.</summary>
    public static IConfig Config { get; } = DefaultConfig.Instance.WithOptions(ConfigOptions.DisableOptimizationsValidator);

    /// <summary>A short run in this process, so that native peers load as the program itself has set them up.</summary>
    public static Job ShortRun { get; } = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);

    public IEnumerable<Workload> Cases => Catalog.Of(group);

    public IEnumerable<int> ThreadCounts => Environment.ProcessorCount == 1 ? [1] : [1, Environment.ProcessorCount];

    [ParamsSource(nameof(Cases))]
    public Workload Case { get; set; } = null!;

    [ParamsSource(nameof(ThreadCounts))]
    public int Threads { get; set; }

    [GlobalSetup(Target = nameof(TaaS))]
    public void PrepareTaaS() => Prepare(Library.TaaS);

    [Benchmark(Baseline = true)]
    public void TaaS() => _run();

    protected void Run() => _run();

    protected void Prepare(Library library)
    {
        CpuDevice.Threads = Threads;
        OpenBlas.SetThreads(Threads);
        LibTorch.SetThreads(Threads);
        _run = Case.Contenders.FirstOrDefault(contender => contender.Library == library) is { } found
            ? found.Prepare(Threads)
            : throw new PeerException($"{library} has no counterpart of {Case.FullName}");
        _run();
    }
}

/// <summary>A suite with ONNX Runtime and libtorch.</summary>
public abstract class InferenceSuite(string group) : Suite(group)
{
    [GlobalSetup(Target = nameof(OnnxRuntime))]
    public void PrepareOnnxRuntime() => Prepare(Library.OnnxRuntime);

    [Benchmark]
    public void OnnxRuntime() => Run();

    [GlobalSetup(Target = nameof(LibTorch))]
    public void PrepareLibTorch() => Prepare(Library.LibTorch);

    [Benchmark]
    public void LibTorch() => Run();
}

public class ConvolutionSuite() : InferenceSuite(ConvolutionOperations.Group);

public class PoolingSuite() : InferenceSuite(PoolingOperations.Group);

public class SoftmaxSuite() : InferenceSuite(SoftmaxOperations.Group);

public class VectorAddSuite() : InferenceSuite(VectorAddOperations.Group)
{
    [GlobalSetup(Target = nameof(MemoryCopy))]
    public void PrepareMemoryCopy() => Prepare(Library.Peak);

    [Benchmark]
    public void MemoryCopy() => Run();
}

public class GemmSuite() : InferenceSuite(MatrixOperations.Group)
{
    [GlobalSetup(Target = nameof(OpenBlas))]
    public void PrepareOpenBlas() => Prepare(Library.OpenBlas);

    [Benchmark]
    public void OpenBlas() => Run();

    [GlobalSetup(Target = nameof(MathNet))]
    public void PrepareMathNet() => Prepare(Library.MathNet);

    [Benchmark]
    public void MathNet() => Run();
}

public class TrainingStepSuite() : Suite(TrainingStepOperations.Group)
{
    [GlobalSetup(Target = nameof(LibTorch))]
    public void PrepareLibTorch() => Prepare(Library.LibTorch);

    [Benchmark]
    public void LibTorch() => Run();
}

public class ElementwiseSuite() : Suite(ElementwiseOperations.Group);

public class ActivationSuite() : Suite(ActivationOperations.Group);

public class ReductionSuite() : Suite(ReductionOperations.Group);

public class NormalizationSuite() : Suite(NormalizationOperations.Group);

public class RandomSuite() : Suite(RandomOperations.Group);

public class OptimizerSuite() : Suite(OptimizerOperations.Group);
