using TaaS.Benchmarks.Measure;
using TaaS.Benchmarks.Peers;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TorchSharp;

namespace TaaS.Benchmarks.Cases;

/// <summary>Softmax over rows. Bytes: input and result.</summary>
internal static class SoftmaxCases
{
    internal const string Group = "softmax";

    private const int Rows = 4096;
    private const int Classes = 1000;
    private const double Bytes = 8.0 * Rows * Classes;

    internal static IEnumerable<Workload> All =>
    [
        new Workload(Group, "4096x1000", WorkUnit.Byte,
        [
            new Contender(Library.TaaS, Bytes, _ => Ours()),
            Peaks.Copy,
            new Contender(Library.OnnxRuntime, Bytes, Onnx),
            new Contender(Library.LibTorch, Bytes, _ => Torch()),
        ]),
    ];

    private static Action Ours()
    {
        View x = Data.View(1, Rows, Classes), y = Data.Empty(DType.Float32, Rows, Classes);
        return () => CpuDevice.Instance.Softmax.Softmax(x, y);
    }

    private static Action Onnx(int threads) =>
        OnnxRuntime.Prepare(new OnnxModel("Softmax").Input("x", [Rows, Classes]).Output("y", [Rows, Classes]).Attribute("axis", 1), threads);

    private static Action Torch()
    {
        LibTorch.Require();
        var x = LibTorch.Tensor(1, [Rows, Classes]);
        return () => torch.nn.functional.softmax(x, 1).Dispose();
    }
}
