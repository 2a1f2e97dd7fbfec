using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations.Families;

/// <summary>2×2 pooling of the example's first layer, both ways, alone and fused with what stands before it. Bytes: input and result, with the positions where they are kept.</summary>
public static class PoolingOperations
{
    /// <summary>Name of the family.</summary>
    public const string Group = "pool2d";

    private static readonly Pool2dGeometry Geometry = new(2, 2, 2, 2);

    /// <summary>Shape of the input at a scale.</summary>
    public static int[] Input(Scale scale) => scale switch { Scale.Processor => [64, 32, 28, 28], Scale.Gpu => [1024, 32, 28, 28], _ => [2, 3, 6, 6] };

    internal static IEnumerable<Operation> All(Scale scale)
    {
        var x = Input(scale);
        int[] y = [x[0], x[1], x[2] / 2, x[3] / 2];
        return
        [
            Case("max forward", x, operations: 0.75, moved: 1.5, device =>
            {
                View input = Inputs.Floats(device, 1, x), output = Inputs.Empty(device, DType.Float32, y), indices = Inputs.Empty(device, DType.Int32, y);
                return new Prepared(() => device.Pooling.MaxForward(input, output, indices, Geometry), [output, indices]);
            }),
            Case("max backward", x, operations: 1, moved: 1.5, device =>
            {
                View input = Inputs.Floats(device, 1, x), output = Inputs.Floats(device, 2, y), indices = Inputs.Empty(device, DType.Int32, y);
                device.Pooling.MaxForward(input, output, indices, Geometry);
                return new Prepared(() => device.Pooling.MaxBackward(output, indices, input, Geometry), [input]);
            }),
            Case("average forward", x, operations: 1, moved: 1.25, device =>
            {
                View input = Inputs.Floats(device, 1, x), output = Inputs.Empty(device, DType.Float32, y);
                return new Prepared(() => device.Pooling.AverageForward(input, output, Geometry, countPadding: true), [output]);
            }),
            Case("average backward", x, operations: 0.25, moved: 1.25, device =>
            {
                View gradient = Inputs.Floats(device, 1, y), result = Inputs.Empty(device, DType.Float32, x);
                return new Prepared(() => device.Pooling.AverageBackward(gradient, result, Geometry, countPadding: true), [result]);
            }),
            Case("bias+relu+max forward", x, operations: 2, moved: 1.5, device =>
            {
                View input = Inputs.Floats(device, 1, x), bias = Inputs.Floats(device, 2, x[1]), output = Inputs.Empty(device, DType.Float32, y), indices = Inputs.Empty(device, DType.Int32, y);
                return new Prepared(() => device.Pooling.BiasReluMaxForward(input, bias, output, indices, Geometry), [output, indices]);
            }),
            Case("bias+relu+max backward", x, operations: 1.25, moved: 1.5, device =>
            {
                View input = Inputs.Floats(device, 1, x), bias = Inputs.Floats(device, 2, x[1]), output = Inputs.Floats(device, 3, y), indices = Inputs.Empty(device, DType.Int32, y);
                device.Pooling.BiasReluMaxForward(input, bias, output, indices, Geometry);
                return new Prepared(() => device.Pooling.BiasReluMaxBackward(output, indices, input, bias, Geometry), [input, bias]);
            }),
        ];
    }

    /// <summary>A case; operations and elements moved are for each element of the image.</summary>
    private static Operation Case(string name, int[] x, double operations, double moved, Func<Device, Prepared> prepare) =>
        new(Group, name, $"{string.Join('x', x)}, 2x2", x, Work.Memory((double)x[0] * x[1] * x[2] * x[3], operations, moved), prepare) { Tolerance = 1e-4 };
}
