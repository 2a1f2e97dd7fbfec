using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations.Families;

/// <summary>Softmax over rows and what is built on it. Bytes: operands and results, once: a row fits where it is worked on.</summary>
public static class SoftmaxOperations
{
    /// <summary>Name of the family.</summary>
    public const string Group = "softmax";

    /// <summary>Rows and classes at a scale.</summary>
    public static (int Rows, int Classes) Size(Scale scale) => scale switch { Scale.Processor => (4096, 1000), Scale.Gpu => (65536, 1000), _ => (6, 10) };

    internal static IEnumerable<Operation> All(Scale scale)
    {
        var (rows, classes) = Size(scale);
        return
        [
            Case("forward", rows, classes, 5, 2, device =>
            {
                View x = Inputs.Floats(device, 1, rows, classes), y = Inputs.Empty(device, DType.Float32, rows, classes);
                return new Prepared(() => device.Softmax.Softmax(x, y), [y]);
            }),
            Case("backward", rows, classes, 4, 3, device =>
            {
                View y = Inputs.Floats(device, 1, rows, classes), dy = Inputs.Floats(device, 2, rows, classes), dx = Inputs.Empty(device, DType.Float32, rows, classes);
                device.Softmax.Softmax(y, dx);
                device.Elementwise.Copy(dx, y);
                return new Prepared(() => device.Softmax.SoftmaxBackward(y, dy, dx), [dx]);
            }),
            Case("log-forward", rows, classes, 4, 2, device =>
            {
                View x = Inputs.Floats(device, 1, rows, classes), y = Inputs.Empty(device, DType.Float32, rows, classes);
                return new Prepared(() => device.Softmax.LogSoftmax(x, y), [y]);
            }),
            CrossEntropy(rows, classes),
            .. scale == Scale.Tiny ? [] : (Operation[])[CrossEntropy(64, 10)],
        ];
    }

    /// <summary>Loss and gradient in one pass.</summary>
    private static Operation CrossEntropy(int rows, int classes) => Case("cross-entropy", rows, classes, 6, 2, device =>
    {
        View logits = Inputs.Floats(device, 1, rows, classes), labels = Inputs.Labels(device, rows, classes);
        View loss = Inputs.Empty(device, DType.Float32, 1), gradient = Inputs.Empty(device, DType.Float32, rows, classes);
        return new Prepared(() => device.Softmax.CrossEntropy(logits, labels, loss, gradient), [loss, gradient]);
    });

    private static Operation Case(string name, int rows, int classes, double operations, double moved, Func<Device, Prepared> prepare) =>
        new(Group, name, $"{rows}x{classes}", [rows, classes], Work.Memory((double)rows * classes, operations, moved), prepare) { Tolerance = 1e-4 };
}
