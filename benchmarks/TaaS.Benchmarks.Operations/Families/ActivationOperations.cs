using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations.Families;

/// <summary>Activations and their gradients. Bytes: input and result; gradients read what their slope needs and the gradient of the result.</summary>
public static class ActivationOperations
{
    /// <summary>Name of the family.</summary>
    public const string Group = "activation";

    internal static IEnumerable<Operation> All(Scale scale)
    {
        var count = scale switch { Scale.Processor => 1 << 22, Scale.Gpu => 1 << 26, _ => 1000 };
        return
        [
            Forward(UnaryOp.Relu, count, 1),
            Forward(UnaryOp.LeakyRelu, count, 2),
            Forward(UnaryOp.Gelu, count, 2),
            Forward(UnaryOp.Sigmoid, count, 1),
            Forward(UnaryOp.Tanh, count, 1),
            Forward(UnaryOp.Exp, count, 1),
            Backward(UnaryOp.Relu, count, 2),
            Backward(UnaryOp.Gelu, count, 5),
            Backward(UnaryOp.Sigmoid, count, 3),
            Backward(UnaryOp.Tanh, count, 3),
        ];
    }

    private static Operation Forward(UnaryOp op, int count, double operations) => new(
        Group,
        Name(op),
        ElementwiseOperations.Elements(count),
        [count],
        Work.Memory(count, operations, 2),
        device =>
        {
            View x = Inputs.Floats(device, 1, count), y = Inputs.Empty(device, DType.Float32, count);
            return new Prepared(() => device.Elementwise.Unary(op, x, y), [y]);
        });

    private static Operation Backward(UnaryOp op, int count, double operations) => new(
        Group,
        $"{Name(op)}-backward",
        ElementwiseOperations.Elements(count),
        [count],
        Work.Memory(count, operations, 3),
        device =>
        {
            View x = Inputs.Floats(device, 1, count), y = Inputs.Empty(device, DType.Float32, count), dy = Inputs.Floats(device, 2, count), dx = Inputs.Empty(device, DType.Float32, count);
            device.Elementwise.Unary(op, x, y);
            return new Prepared(() => device.Elementwise.UnaryBackward(op, x, y, dy, dx), [dx]);
        });

    private static string Name(UnaryOp op) => op == UnaryOp.LeakyRelu ? "leaky-relu" : op.ToString().ToLowerInvariant();
}
