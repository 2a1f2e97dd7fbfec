using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations.Families;

/// <summary>Batch and layer normalisation, both ways. Bytes: batch normalisation needs its inputs twice, a layer's row fits where it is worked on.</summary>
public static class NormalizationOperations
{
    /// <summary>Name of the family.</summary>
    public const string Group = "normalization";

    private const float Momentum = 0.1f;
    private const float Epsilon = 1e-5f;

    internal static IEnumerable<Operation> All(Scale scale)
    {
        int[] image = scale switch { Scale.Processor => [64, 32, 28, 28], Scale.Gpu => [256, 64, 56, 56], _ => [2, 3, 4, 4] };
        int[] rows = scale switch { Scale.Processor => [4096, 1024], Scale.Gpu => [65536, 1024], _ => [5, 12] };
        return
        [
            Case("batch-forward", image, 8, 3, device =>
            {
                var (b, y) = (new Batch(device, image), Inputs.Empty(device, DType.Float32, image));
                return new Prepared(() => b.Forward(y), [y, b.SavedMean, b.SavedInverse, b.Mean, b.Variance]);
            }),
            Case("batch-backward", image, 11, 5, device =>
            {
                var (b, dy, dx) = (new Batch(device, image), Inputs.Floats(device, 2, image), Inputs.Empty(device, DType.Float32, image));
                View dgamma = Inputs.Empty(device, DType.Float32, image[1]), dbeta = Inputs.Empty(device, DType.Float32, image[1]);
                b.Forward(dx);
                return new Prepared(() => device.Normalization.BatchBackward(b.X, b.Gamma, b.SavedMean, b.SavedInverse, dy, dx, dgamma, dbeta), [dx, dgamma, dbeta]);
            }),
            Case("batch-inference", image, 2, 2, device =>
            {
                var (b, y) = (new Batch(device, image), Inputs.Empty(device, DType.Float32, image));
                return new Prepared(() => device.Normalization.BatchInference(b.X, b.Gamma, b.Beta, b.Mean, b.Variance, y, Epsilon), [y]);
            }),
            Case("layer-forward", rows, 8, 2, device =>
            {
                var (layer, y) = (new Layer(device, rows), Inputs.Empty(device, DType.Float32, rows));
                return new Prepared(() => layer.Forward(y), [y, layer.SavedMean, layer.SavedInverse]);
            }),
            Case("layer-backward", rows, 13, 3, device =>
            {
                var (layer, dy, dx) = (new Layer(device, rows), Inputs.Floats(device, 2, rows), Inputs.Empty(device, DType.Float32, rows));
                View dgamma = Inputs.Empty(device, DType.Float32, rows[1]), dbeta = Inputs.Empty(device, DType.Float32, rows[1]);
                layer.Forward(dx);
                return new Prepared(() => device.Normalization.LayerBackward(layer.X, layer.Gamma, layer.SavedMean, layer.SavedInverse, dy, dx, dgamma, dbeta), [dx, dgamma, dbeta]);
            }),
        ];
    }

    private static Operation Case(string name, int[] shape, double operations, double moved, Func<Device, Prepared> prepare) =>
        new(Group, name, string.Join('x', shape), shape, Work.Memory(new Shape(shape).Elements, operations, moved), prepare) { Tolerance = 1e-3 };

    /// <summary>Operands of batch normalisation.</summary>
    private sealed class Batch(Device device, int[] shape)
    {
        internal View X { get; } = Inputs.Floats(device, 1, shape);

        internal View Gamma { get; } = Inputs.Floats(device, 3, shape[1]);

        internal View Beta { get; } = Inputs.Floats(device, 4, shape[1]);

        internal View Mean { get; } = Inputs.Empty(device, DType.Float32, shape[1]);

        internal View Variance { get; } = Ones(device, shape[1]);

        internal View SavedMean { get; } = Inputs.Empty(device, DType.Float32, shape[1]);

        internal View SavedInverse { get; } = Inputs.Empty(device, DType.Float32, shape[1]);

        internal void Forward(View y) => device.Normalization.BatchForward(X, Gamma, Beta, Mean, Variance, y, SavedMean, SavedInverse, Momentum, Epsilon);

        private static View Ones(Device device, int count)
        {
            var view = Inputs.Empty(device, DType.Float32, count);
            device.Elementwise.Fill(view, 1);
            return view;
        }
    }

    /// <summary>Operands of layer normalisation.</summary>
    private sealed class Layer(Device device, int[] shape)
    {
        internal View X { get; } = Inputs.Floats(device, 1, shape);

        internal View Gamma { get; } = Inputs.Floats(device, 3, shape[1]);

        internal View Beta { get; } = Inputs.Floats(device, 4, shape[1]);

        internal View SavedMean { get; } = Inputs.Empty(device, DType.Float32, shape[0]);

        internal View SavedInverse { get; } = Inputs.Empty(device, DType.Float32, shape[0]);

        internal void Forward(View y) => device.Normalization.LayerForward(X, Gamma, Beta, y, SavedMean, SavedInverse, Epsilon);
    }
}
