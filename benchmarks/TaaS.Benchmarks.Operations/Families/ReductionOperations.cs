using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations.Families;

/// <summary>Reductions over rows, over columns, over everything, and over all but the channels. Bytes: the input, and results where they are many.</summary>
public static class ReductionOperations
{
    /// <summary>Name of the family.</summary>
    public const string Group = "reduction";

    internal static IEnumerable<Operation> All(Scale scale)
    {
        var (rows, columns) = scale switch { Scale.Processor => (4096, 1024), Scale.Gpu => (65536, 1024), _ => (9, 21) };
        int[] image = scale switch { Scale.Processor => [64, 32, 28, 28], Scale.Gpu => [1024, 32, 28, 28], _ => [2, 3, 4, 4] };
        return
        [
            Reduce("sum-rows", ReduceOp.Sum, [rows, columns], [rows, 1]),
            Reduce("max-rows", ReduceOp.Max, [rows, columns], [rows, 1]),
            Reduce("sum-columns", ReduceOp.Sum, [rows, columns], [1, columns]),
            Reduce("sum-all", ReduceOp.Sum, [rows, columns], [1, 1]),
            Reduce("sum-channels", ReduceOp.Sum, image, [1, image[1], 1, 1]),
            new Operation(Group, "argmax-rows", $"{rows}x{columns}", [rows, columns], Work.Memory((double)rows * columns, 1, 1 + 1.0 / columns), device =>
            {
                View x = Inputs.Floats(device, 1, rows, columns), y = Inputs.Empty(device, DType.Int32, rows, 1);
                return new Prepared(() => device.Reduction.ArgMax(x, 1, y), [y]);
            }),
        ];
    }

    private static Operation Reduce(string name, ReduceOp op, int[] shape, int[] kept)
    {
        var (elements, results) = (new Shape(shape).Elements, new Shape(kept).Elements);
        return new Operation(Group, name, string.Join('x', shape), shape, Work.Memory(elements, 1, 1 + (double)results / elements), device =>
        {
            View x = Inputs.Floats(device, 1, shape), y = Inputs.Empty(device, DType.Float32, kept);
            return new Prepared(() => device.Reduction.Reduce(op, x, y), [y]);
        })
        {
            // Terms of both signs nearly cancel, so the sum is far smaller than they are.
            Tolerance = 1e-3,
        };
    }
}
