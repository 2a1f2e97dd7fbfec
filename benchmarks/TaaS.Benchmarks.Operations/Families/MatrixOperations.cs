using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations.Families;

/// <summary>A matrix product c = op(a)·op(b).</summary>
/// <param name="M">Rows of c.</param>
/// <param name="N">Columns of c.</param>
/// <param name="K">Terms of a sum.</param>
/// <param name="TurnA">a is stored [K, M].</param>
/// <param name="TurnB">b is stored [N, K].</param>
/// <param name="Use">Where it comes from, or nothing.</param>
public sealed record MatrixProblem(int M, int N, int K, bool TurnA, bool TurnB, string Use = "")
{
    /// <summary>As a case.</summary>
    public Operation ToOperation() => new(
        MatrixOperations.Group,
        $"{(TurnA ? 'T' : 'N')}{(TurnB ? 'T' : 'N')}",
        $"{M}x{N}x{K}{(Use.Length > 0 ? $" ({Use})" : "")}",
        [M, N, K, TurnA ? 1 : 0, TurnB ? 1 : 0],
        Work.Arithmetic((double)M * N * K, (double)M * K + (double)K * N + (double)M * N),
        Prepare)
    {
        Tolerance = 1e-4,
    };

    private Prepared Prepare(Device device)
    {
        var a = TurnA ? Inputs.Transposed(Inputs.Floats(device, 1, K, M)) : Inputs.Floats(device, 1, M, K);
        var b = TurnB ? Inputs.Transposed(Inputs.Floats(device, 2, N, K)) : Inputs.Floats(device, 2, K, N);
        var c = Inputs.Empty(device, DType.Float32, M, N);
        return new Prepared(() => device.Matrix.Multiply(a, b, c), [c]);
    }
}

/// <summary>Matrix products: square ones, those that the example's layers come down to, and its fully connected layers.</summary>
public static class MatrixOperations
{
    /// <summary>Name of the family.</summary>
    public const string Group = "gemm";

    /// <summary>Products at a scale.</summary>
    public static IEnumerable<MatrixProblem> Problems(Scale scale) => scale switch
    {
        Scale.Processor =>
        [
            .. Square(1024),
            new MatrixProblem(32, 784, 25, false, false, "conv1 forward"),
            new MatrixProblem(64, 196, 800, false, false, "conv2 forward"),
            new MatrixProblem(800, 196, 64, true, false, "conv2 backward-data"),
            new MatrixProblem(64, 800, 196, false, true, "conv2 backward-filter"),
            .. FullyConnected(64),
        ],
        Scale.Gpu => [.. Square(1024), .. Square(4096), .. FullyConnected(64), .. FullyConnected(1024)],
        _ => Square(8),
    };

    internal static IEnumerable<Operation> All(Scale scale)
    {
        Operation[] layers = scale switch
        {
            Scale.Processor => [Linear(64, 512, 3136)],
            Scale.Gpu => [Linear(64, 512, 3136), Linear(1024, 512, 3136)],
            _ => [Linear(2, 5, 8)],
        };
        return [.. Problems(scale).Select(problem => problem.ToOperation()), .. layers];
    }

    private static MatrixProblem[] Square(int side) =>
    [
        new MatrixProblem(side, side, side, false, false),
        new MatrixProblem(side, side, side, false, true),
        new MatrixProblem(side, side, side, true, false),
    ];

    private static MatrixProblem[] FullyConnected(int batch) =>
    [
        new MatrixProblem(batch, 512, 3136, false, true, "fc forward"),
        new MatrixProblem(batch, 3136, 512, false, false, "fc backward-data"),
        new MatrixProblem(512, 3136, batch, true, false, "fc backward-weights"),
    ];

    /// <summary>A layer with bias and activation in the same pass.</summary>
    private static Operation Linear(int m, int n, int k) => new(
        Group,
        "linear+bias+relu",
        $"{m}x{n}x{k}",
        [m, n, k],
        Work.Arithmetic((double)m * n * k, (double)m * k + (double)k * n + (double)m * n + n),
        device =>
        {
            View x = Inputs.Floats(device, 1, m, k), w = Inputs.Floats(device, 2, n, k), bias = Inputs.Floats(device, 3, n);
            var y = Inputs.Empty(device, DType.Float32, m, n);
            return new Prepared(() => device.Matrix.Linear(x, w, bias, y, FusedActivation.Relu), [y]);
        })
    {
        Tolerance = 1e-4,
    };
}
