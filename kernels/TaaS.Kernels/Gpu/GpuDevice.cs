using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// A GPU: kernels written in C# and compiled by ILGPU for the device at hand. Launches run in order in one stream, and a call returns before its launch has finished.
/// </summary>
public sealed class GpuDevice : Device, IDisposable
{
    /// <summary>The largest <see cref="GroupSize"/> of any device.</summary>
    internal const int PreferredGroupSize = 256;

    // Kernels count elements with 32-bit integers, and step beyond the last by up to a whole grid.
    private const long MostElements = int.MaxValue - (1 << 24);

    private readonly Context _context;

    private GpuDevice(string name, Context context, Accelerator accelerator, bool ownKernelsOnly = false)
    {
        Name = name;
        _context = context;
        Accelerator = accelerator;

        // CUDA's default stream cannot be recorded, so launches go to one of our own.
        Stream = accelerator is CudaAccelerator ? accelerator.CreateStream() : accelerator.DefaultStream;
        GroupSize = Math.Min(PreferredGroupSize, accelerator.MaxNumThreadsPerGroup);
        Memory = new GpuAllocator(name, new AcceleratorMemory(accelerator), Environment.GetEnvironmentVariable(GpuAllocator.ExactVariable) == "1");
        Staging = new PinnedStaging(accelerator, Stream);
        Scratch = new GpuScratch(this);
        Elementwise = new GpuElementwise(this);
        Pooling = new GpuPooling(this);
        Random = new GpuRandom(this);
        Optimizer = new GpuOptimizer(this);
        Reduction = new GpuReduction(this);
        Softmax = new GpuSoftmax(this);
        Normalization = new GpuNormalization(this);
        var products = new Products(this, ProductPlanner.Of(this));
        IMatrixKernels matrix = new GpuMatrix(products);
        IConvolutionKernels convolution = new GpuConvolution(this, products);
        Libraries = Cuda.CudaKernels.On(this);
        (Matrix, Convolution) = Libraries is null || ownKernelsOnly ? (matrix, convolution) : (Libraries.Matrix(matrix), Libraries.Convolution(convolution));
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override MatrixPrecision Precision { get; set; }

    /// <summary>What the allocator did so far.</summary>
    public GpuMemoryStatistics MemoryStatistics => Memory.Statistics;

    /// <inheritdoc/>
    public override IElementwiseKernels Elementwise { get; }

    /// <inheritdoc/>
    public override IReductionKernels Reduction { get; }

    /// <inheritdoc/>
    public override IMatrixKernels Matrix { get; }

    /// <inheritdoc/>
    public override IConvolutionKernels Convolution { get; }

    /// <inheritdoc/>
    public override IPoolingKernels Pooling { get; }

    /// <inheritdoc/>
    public override ISoftmaxKernels Softmax { get; }

    /// <inheritdoc/>
    public override INormalizationKernels Normalization { get; }

    /// <inheritdoc/>
    public override IRandomKernels Random { get; }

    /// <inheritdoc/>
    public override IOptimizerKernels Optimizer { get; }

    /// <summary>ILGPU's view of the device.</summary>
    internal Accelerator Accelerator { get; }

    /// <summary>Position in the driver's order; only a CUDA device has one.</summary>
    internal int CudaOrdinal => ((CudaAccelerator)Accelerator).DeviceId;

    /// <summary>The one order of launches.</summary>
    internal AcceleratorStream Stream { get; }

    /// <summary>Threads of a group where a kernel has no reason for another number; a whole number of warps.</summary>
    internal int GroupSize { get; }

    internal GpuAllocator Memory { get; }

    internal PinnedStaging Staging { get; }

    internal GpuScratch Scratch { get; }

    /// <summary>What CUDA's libraries add; null on the emulator.</summary>
    internal Cuda.CudaKernels? Libraries { get; }

    /// <summary>Opens one of the machine's GPUs.</summary>
    /// <param name="index">Which, from 0, in the driver's order.</param>
    /// <param name="ownKernelsOnly">Leaves matrix products and convolutions to the engine's own kernels even where cuBLASLt and cuDNN are found.</param>
    /// <exception cref="DeviceException">No driver, no such GPU, or it cannot be used.</exception>
    public static GpuDevice Open(int index, bool ownKernelsOnly = false)
    {
        CudaDevices.Require(index);
        try
        {
            var context = Context.Create(builder => Configure(builder).Cuda());
            return new GpuDevice($"cuda:{index}", context, context.GetCudaDevice(index).CreateCudaAccelerator(context), ownKernelsOnly);
        }
        catch (Exception error) when (error is CudaException or DllNotFoundException or NotSupportedException)
        {
            throw new DeviceException($"cuda:{index} cannot be opened: {error.Message}", error);
        }
    }

    /// <summary>A device that runs the kernels thread by thread on the processor: right for checking them on small inputs, far too slow to compute with.</summary>
    public static GpuDevice CreateEmulator() => CreateEmulator(threadsPerWarp: 4, warps: 2);

    /// <summary>An emulator whose groups have up to that many threads.</summary>
    internal static GpuDevice CreateEmulator(int threadsPerWarp, int warps)
    {
        // Each thread is one of the operating system's, and barriers make all of them wait: few are enough but for what a GPU's own sizes must show.
        var context = Context.Create(builder => Configure(builder).CPU(new CPUDevice(threadsPerWarp, warps, numMultiprocessors: 1)));
        return new GpuDevice("emulator", context, context.CreateCPUAccelerator(0));
    }

    /// <summary>How kernels are compiled, on every device alike.</summary>
    internal static Context.Builder Configure(Context.Builder builder) => builder.EnableAlgorithms().Optimize(OptimizationLevel.O2);

    /// <inheritdoc/>
    public override DeviceBuffer Allocate(DType dtype, long length, bool zeroed = false)
    {
        if (length is < 0 or > MostElements)
        {
            throw new ArgumentOutOfRangeException(nameof(length), $"buffer: {length} elements asked for; a buffer holds 0 to {MostElements}");
        }

        var buffer = new GpuBuffer(this, dtype, length);
        if (zeroed)
        {
            buffer.Clear();
        }

        return buffer;
    }

    /// <inheritdoc/>
    public override Action? Freeze(ReadOnlyMemory<Action> launches) => Libraries?.Freeze(launches);

    /// <inheritdoc/>
    public override void Synchronize()
    {
        try
        {
            Stream.Synchronize();
        }
        catch (CudaException error)
        {
            throw new DeviceException($"{Name} failed: {Cuda.CudaStatus.Failure(error, "cuStreamSynchronize").Message}", error);
        }
    }

    /// <summary>Ends the device; its buffers must not be used any more.</summary>
    public void Dispose()
    {
        Stream.Synchronize();
        Libraries?.Dispose();
        Memory.Close();
        Staging.Dispose();
        Accelerator.Dispose();
        _context.Dispose();
    }

    /// <summary>Groups that give every item a thread, up to what keeps the device full; kernels stride over the rest.</summary>
    internal KernelConfig Cover(long items)
    {
        const int waves = 8;
        var most = (long)Accelerator.NumMultiprocessors * Accelerator.MaxNumThreadsPerMultiprocessor / GroupSize * waves;
        return new KernelConfig((int)Math.Clamp((items + GroupSize - 1) / GroupSize, 1, Math.Max(most, 1)), GroupSize);
    }
}
