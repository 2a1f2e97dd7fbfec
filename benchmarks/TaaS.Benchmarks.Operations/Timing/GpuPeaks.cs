using ILGPU;
using ILGPU.Runtime;
using TaaS.Kernels;
using TaaS.Kernels.Gpu;

namespace TaaS.Benchmarks.Operations.Timing;

/// <summary>What a GPU does at best, measured like any operation: a plain copy, and multiply-adds that never leave the registers.</summary>
public static class GpuPeaks
{
    /// <summary>Name of the family.</summary>
    public const string Group = "peak";

    private const int GroupsOfAMultiprocessor = 8;

    /// <summary>The device's own copy of a large buffer, 8 bytes for each float.</summary>
    public static Operation Copy(Scale scale)
    {
        var count = scale == Scale.Tiny ? 1000 : 1 << 26;
        return new Operation(Group, "copy", $"{count} floats", [count], Work.Memory(count, 1, 2), device =>
        {
            View from = Inputs.Floats(device, 1, count), to = Inputs.Empty(device, DType.Float32, count);
            return new Prepared(() => device.Elementwise.Copy(from, to), [to]);
        });
    }

    /// <summary>Single-precision multiply-adds on all multiprocessors.</summary>
    public static Operation Arithmetic(GpuDevice gpu, Scale scale)
    {
        var rounds = scale == Scale.Tiny ? 2 : 4096;
        var threads = gpu.Accelerator.NumMultiprocessors * GroupsOfAMultiprocessor * gpu.GroupSize;
        var multiplyAdds = (double)threads * rounds * MultiplyAddKernel.OfARound;
        return new Operation(Group, "multiply-add", $"{threads} threads", [threads, rounds], Work.Arithmetic(multiplyAdds, threads), device =>
        {
            var y = Inputs.Empty(device, DType.Float32, threads);
            var kernel = gpu.Load<Action<AcceleratorStream, KernelConfig, ArrayView<float>, float, float, int>>(MultiplyAddKernel.Spin);
            var config = new KernelConfig(threads / gpu.GroupSize, gpu.GroupSize);
            return new Prepared(() => kernel(gpu.Stream, config, ((GpuBuffer)y.Buffer).Floats, 0.5f, 0.25f, rounds), [y]);
        });
    }
}
