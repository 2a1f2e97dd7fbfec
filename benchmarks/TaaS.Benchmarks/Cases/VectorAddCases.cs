using TaaS.Benchmarks.Measure;
using TaaS.Benchmarks.Peers;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TorchSharp;

namespace TaaS.Benchmarks.Cases;

/// <summary>c = a + b over 16 M floats: what memory can carry. Bytes: 12 for each element, against 8 for an element copied.</summary>
internal static class VectorAddCases
{
    internal const string Group = "vector-add";

    private const int Count = 16 * 1024 * 1024;

    internal static IEnumerable<Workload> All =>
    [
        new Workload(Group, "16M floats", WorkUnit.Byte,
        [
            new Contender(Library.TaaS, 12.0 * Count, _ => Ours()),
            Peaks.Copy,
            new Contender(Library.OnnxRuntime, 12.0 * Count, Onnx),
            new Contender(Library.LibTorch, 12.0 * Count, _ => Torch()),
        ]),
    ];

    private static Action Ours()
    {
        View a = Data.View(1, Count), b = Data.View(2, Count), c = Data.Empty(DType.Float32, Count);
        return () => CpuDevice.Instance.Elementwise.Binary(BinaryOp.Add, a, b, c);
    }

    private static Action Onnx(int threads) =>
        OnnxRuntime.Prepare(new OnnxModel("Add").Input("a", [Count]).Input("b", [Count]).Output("c", [Count]), threads);

    private static Action Torch()
    {
        LibTorch.Require();
        torch.Tensor a = LibTorch.Tensor(1, [Count]), b = LibTorch.Tensor(2, [Count]);

        // In place: a result of its own would cost fresh pages each time, and TorchSharp has no other way to avoid one.
        return () => a.add_(b);
    }
}
