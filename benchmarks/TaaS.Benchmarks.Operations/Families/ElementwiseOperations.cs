using System.Globalization;
using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations.Families;

/// <summary>Element-wise arithmetic with broadcasting and scalars, and copies that change the order of elements.</summary>
public static class ElementwiseOperations
{
    /// <summary>Name of the family.</summary>
    public const string Group = "elementwise";

    internal static IEnumerable<Operation> All(Scale scale)
    {
        var (rows, columns) = scale switch { Scale.Processor => (4096, 1024), Scale.Gpu => (65536, 1024), _ => (12, 20) };
        var side = scale switch { Scale.Processor => 2048, Scale.Gpu => 8192, _ => 33 };
        var count = rows * columns;
        var shape = $"{rows}x{columns}";
        return
        [
            new Operation(Group, "multiply", shape, [rows, columns], Work.Memory(count, 1, 3), device =>
            {
                View a = Inputs.Floats(device, 1, rows, columns), b = Inputs.Floats(device, 2, rows, columns), y = Inputs.Empty(device, DType.Float32, rows, columns);
                return new Prepared(() => device.Elementwise.Binary(BinaryOp.Multiply, a, b, y), [y]);
            }),
            new Operation(Group, "add-row", shape, [rows, columns], Work.Memory(count, 1, 2), device =>
            {
                View x = Inputs.Floats(device, 1, rows, columns), row = Inputs.Floats(device, 2, columns), y = Inputs.Empty(device, DType.Float32, rows, columns);
                var repeated = row with { Shape = x.Shape, Strides = new Strides([0L, 1L]) };
                return new Prepared(() => device.Elementwise.Binary(BinaryOp.Add, x, repeated, y), [y]);
            }),
            new Operation(Group, "scale", shape, [rows, columns], Work.Memory(count, 1, 2), device =>
            {
                View x = Inputs.Floats(device, 1, rows, columns), y = Inputs.Empty(device, DType.Float32, rows, columns);
                return new Prepared(() => device.Elementwise.BinaryScalar(BinaryOp.Multiply, x, 1.5f, y), [y]);
            }),
            new Operation(Group, "axpy", shape, [rows, columns], Work.Memory(count, 2, 3), device =>
            {
                View x = Inputs.Floats(device, 1, rows, columns), y = Inputs.Floats(device, 2, rows, columns);
                return new Prepared(() => device.Elementwise.Axpy(1e-3f, x, y), [y]);
            }),
            new Operation(Group, "copy", shape, [rows, columns], Work.Memory(count, 1, 2), device =>
            {
                View x = Inputs.Floats(device, 1, rows, columns), y = Inputs.Empty(device, DType.Float32, rows, columns);
                return new Prepared(() => device.Elementwise.Copy(x, y), [y]);
            }),
            new Operation(Group, "transposed-copy", $"{side}x{side}", [side, side], Work.Memory((double)side * side, 1, 2), device =>
            {
                View x = Inputs.Transposed(Inputs.Floats(device, 1, side, side)), y = Inputs.Empty(device, DType.Float32, side, side);
                return new Prepared(() => device.Elementwise.Copy(x, y), [y]);
            }),
        ];
    }

    /// <summary>A number of elements for people: whole powers of 2 in M or k.</summary>
    internal static string Elements(int count) =>
        count % (1 << 20) == 0 ? $"{count >> 20}M" : count % 1024 == 0 ? $"{count >> 10}k" : count.ToString(CultureInfo.InvariantCulture);
}
