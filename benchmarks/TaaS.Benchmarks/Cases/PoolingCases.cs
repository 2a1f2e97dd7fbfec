using TaaS.Benchmarks.Measure;
using TaaS.Benchmarks.Peers;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TorchSharp;

namespace TaaS.Benchmarks.Cases;

/// <summary>2×2 max pooling of the example's first layer, both ways. Bytes: input and result, with the positions where they are kept.</summary>
internal static class PoolingCases
{
    internal const string Group = "pool2d";

    private const double Inputs = 64.0 * 32 * 28 * 28;
    private const double Outputs = Inputs / 4;

    private static readonly int[] X = [64, 32, 28, 28];
    private static readonly int[] Y = [64, 32, 14, 14];
    private static readonly Pool2dGeometry Geometry = new(2, 2, 2, 2);

    internal static IEnumerable<Workload> All =>
    [
        new Workload(Group, "max forward 64x32x28x28, 2x2", WorkUnit.Byte,
        [
            new Contender(Library.TaaS, 4 * Inputs + 8 * Outputs, _ => Forward()),
            Peaks.Copy,
            new Contender(Library.OnnxRuntime, 4 * Inputs + 8 * Outputs, OnnxForward),
            new Contender(Library.LibTorch, 4 * Inputs + 8 * Outputs, _ => TorchForward()),
        ]),
        new Workload(Group, "max backward 64x32x28x28, 2x2", WorkUnit.Byte,
        [
            new Contender(Library.TaaS, 4 * Inputs + 8 * Outputs, _ => Backward()),
            Peaks.Copy,
            new Contender(Library.LibTorch, 4 * Inputs + 8 * Outputs, _ => TorchBackward()),
        ]),
    ];

    private static Action Forward()
    {
        View x = Data.View(1, X), y = Data.Empty(DType.Float32, Y), indices = Data.Empty(DType.Int32, Y);
        return () => CpuDevice.Instance.Pooling.MaxForward(x, y, indices, Geometry);
    }

    private static Action Backward()
    {
        View x = Data.View(1, X), y = Data.View(2, Y), indices = Data.Empty(DType.Int32, Y);
        CpuDevice.Instance.Pooling.MaxForward(x, y, indices, Geometry);
        return () => CpuDevice.Instance.Pooling.MaxBackward(y, indices, x, Geometry);
    }

    private static Action OnnxForward(int threads) => OnnxRuntime.Prepare(
        new OnnxModel("MaxPool").Input("x", X).Output("y", Y).Attribute("kernel_shape", [2, 2]).Attribute("strides", [2, 2]),
        threads);

    private static Action TorchForward()
    {
        LibTorch.Require();
        var x = LibTorch.Tensor(1, X);
        return () =>
        {
            // With positions, as training needs them.
            var (y, indices) = torch.nn.functional.max_pool2d_with_indices(x, [2, 2], [2, 2]);
            y.Dispose();
            indices.Dispose();
        };
    }

    private static Action TorchBackward()
    {
        LibTorch.Require();
        var x = LibTorch.Tensor(1, X).requires_grad_();
        var dy = LibTorch.Tensor(2, Y);
        var y = torch.nn.functional.max_pool2d(x, [2, 2], [2, 2]);
        return () => torch.autograd.grad([y], [x], [dy], retain_graph: true)[0].Dispose();
    }
}
