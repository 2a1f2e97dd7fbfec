using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using TaaS.Benchmarks.Measure;
using TaaS.Benchmarks.Peers;
using TaaS.Kernels.Cpu;
using TorchSharp;

namespace TaaS.Benchmarks.Cases;

/// <summary>Matrix products: a square one, those that the example's layers come down to, and its fully connected layers.</summary>
internal static class MatrixCases
{
    internal const string Group = "gemm";

    internal static IEnumerable<Workload> All =>
    [
        Case("1024x1024x1024 NN", 1024, 1024, 1024, false, false),
        Case("1024x1024x1024 NT", 1024, 1024, 1024, false, true),
        Case("1024x1024x1024 TN", 1024, 1024, 1024, true, false),
        Case("32x784x25 NN (conv1 forward)", 32, 784, 25, false, false),
        Case("64x196x800 NN (conv2 forward)", 64, 196, 800, false, false),
        Case("800x196x64 TN (conv2 backward-data)", 800, 196, 64, true, false),
        Case("64x800x196 NT (conv2 backward-filter)", 64, 800, 196, false, true),
        Case("64x512x3136 NT (fc forward)", 64, 512, 3136, false, true),
        Case("64x3136x512 NN (fc backward-data)", 64, 3136, 512, false, false),
        Case("512x3136x64 TN (fc backward-weights)", 512, 3136, 64, true, false),
    ];

    private static Workload Case(string name, int m, int n, int k, bool turnA, bool turnB)
    {
        var flops = 2.0 * m * n * k;
        return new Workload(Group, name, WorkUnit.Flop,
        [
            new Contender(Library.TaaS, flops, _ => Ours(m, n, k, turnA, turnB)),
            Peaks.Arithmetic,
            new Contender(Library.OpenBlas, flops, _ => Blas(m, n, k, turnA, turnB)),
            new Contender(Library.OnnxRuntime, flops, threads => Onnx(m, n, k, turnA, turnB, threads)),
            new Contender(Library.MathNet, flops, threads => Managed(m, n, k, turnA, turnB, threads)),
            new Contender(Library.LibTorch, flops, _ => Torch(m, n, k, turnA, turnB)),
        ]);
    }

    private static Action Ours(int m, int n, int k, bool turnA, bool turnB)
    {
        var a = turnA ? Data.Transposed(Data.View(1, k, m)) : Data.View(1, m, k);
        var b = turnB ? Data.Transposed(Data.View(2, n, k)) : Data.View(2, k, n);
        var c = Data.Empty(Kernels.DType.Float32, m, n);
        return () => CpuDevice.Instance.Matrix.Multiply(a, b, c);
    }

    private static Action Blas(int m, int n, int k, bool turnA, bool turnB)
    {
        float[] a = Data.Values((long)m * k, 1), b = Data.Values((long)k * n, 2), c = new float[m * n];
        return () => OpenBlas.Multiply(turnA, turnB, m, n, k, a, turnA ? m : k, b, turnB ? k : n, c);
    }

    private static Action Onnx(int m, int n, int k, bool turnA, bool turnB, int threads)
    {
        var model = new OnnxModel("Gemm")
            .Input("a", turnA ? [k, m] : [m, k])
            .Input("b", turnB ? [n, k] : [k, n])
            .Output("c", [m, n])
            .Attribute("transA", turnA ? 1 : 0)
            .Attribute("transB", turnB ? 1 : 0);
        return OnnxRuntime.Prepare(model, threads);
    }

    private static Action Managed(int m, int n, int k, bool turnA, bool turnB, int threads)
    {
        Control.UseManaged();
        Control.MaxDegreeOfParallelism = threads;
        var a = Matrix<float>.Build.Dense(turnA ? k : m, turnA ? m : k, Data.Values((long)m * k, 1));
        var b = Matrix<float>.Build.Dense(turnB ? n : k, turnB ? k : n, Data.Values((long)k * n, 2));
        var c = Matrix<float>.Build.Dense(m, n);
        return turnA ? () => a.TransposeThisAndMultiply(b, c)
            : turnB ? () => a.TransposeAndMultiply(b, c)
            : () => a.Multiply(b, c);
    }

    private static Action Torch(int m, int n, int k, bool turnA, bool turnB)
    {
        LibTorch.Require();
        var a = LibTorch.Tensor(1, turnA ? [k, m] : [m, k]);
        var b = LibTorch.Tensor(2, turnB ? [n, k] : [k, n]);
        var left = turnA ? a.t() : a;
        var right = turnB ? b.t() : b;
        return () => torch.mm(left, right).Dispose();
    }
}
