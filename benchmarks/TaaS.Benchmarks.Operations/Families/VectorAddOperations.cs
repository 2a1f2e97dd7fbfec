using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations.Families;

/// <summary>c = a + b: what memory can carry. Bytes: 12 for each element, against 8 for an element copied.</summary>
public static class VectorAddOperations
{
    /// <summary>Name of the family.</summary>
    public const string Group = "vector-add";

    /// <summary>Elements at a scale.</summary>
    public static int Count(Scale scale) => scale switch { Scale.Processor => 1 << 24, Scale.Gpu => 1 << 26, _ => 1000 };

    internal static IEnumerable<Operation> All(Scale scale)
    {
        var count = Count(scale);
        return
        [
            new Operation(Group, "a+b", ElementwiseOperations.Elements(count), [count], Work.Memory(count, 1, 3), device =>
            {
                View a = Inputs.Floats(device, 1, count), b = Inputs.Floats(device, 2, count), c = Inputs.Empty(device, DType.Float32, count);
                return new Prepared(() => device.Elementwise.Binary(BinaryOp.Add, a, b, c), [c]);
            }),
        ];
    }
}
