using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations.Families;

/// <summary>Random numbers and dropout. Bytes: what is read and written; the generator's integer arithmetic is not counted.</summary>
public static class RandomOperations
{
    /// <summary>Name of the family.</summary>
    public const string Group = "random";

    internal static IEnumerable<Operation> All(Scale scale)
    {
        var count = scale switch { Scale.Processor => 1 << 22, Scale.Gpu => 1 << 26, _ => 1000 };
        return
        [
            Case("uniform", count, 2, 1, device =>
            {
                var y = Inputs.Empty(device, DType.Float32, count);
                return new Prepared(() => device.Random.Uniform(y, -1, 1, 1, 0), [y]);
            }),
            Case("normal", count, 5, 1, device =>
            {
                var y = Inputs.Empty(device, DType.Float32, count);
                return new Prepared(() => device.Random.Normal(y, 0, 1, 1, 0), [y]);
            }),
            Case("dropout", count, 2, 2, device =>
            {
                View x = Inputs.Floats(device, 1, count), y = Inputs.Empty(device, DType.Float32, count);
                return new Prepared(() => device.Random.Dropout(x, y, 0.5f, 1, 0), [y]);
            }),
        ];
    }

    private static Operation Case(string name, int count, double operations, double moved, Func<Device, Prepared> prepare) =>
        new(Group, name, ElementwiseOperations.Elements(count), [count], Work.Memory(count, operations, moved), prepare);
}
