using System.Globalization;
using TaaS.Engine;
using TaaS.Engine.Optim;
using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations.Families;

/// <summary>One update of all parameters of the example's model. Bytes: parameter, gradient and slots read, parameter and slots written.</summary>
public static class OptimizerOperations
{
    /// <summary>Name of the family.</summary>
    public const string Group = "optimizer";

    // Conv 1→32 and 32→64 of 5×5, fully connected 3136→512→10, each with a bias.
    private static readonly int[][] Example = [[32, 1, 5, 5], [32], [64, 32, 5, 5], [64], [512, 3136], [512], [10, 512], [10]];

    internal static IEnumerable<Operation> All(Scale scale)
    {
        int[][] shapes = scale == Scale.Tiny ? [[3, 5], [5]] : Example;
        return
        [
            Case("sgd+momentum", shapes, 4, 5, parameters => new Sgd(parameters, 1e-3f, 0.9f)),
            Case("adam", shapes, 13, 7, parameters => new Adam(parameters, 1e-3f)),
        ];
    }

    private static Operation Case(string name, int[][] shapes, double operations, double moved, Func<IEnumerable<(string, Tensor)>, Optimizer> make)
    {
        var count = shapes.Sum(shape => new Shape(shape).Elements);
        int[] sizes = [.. shapes.Select(shape => (int)new Shape(shape).Elements)];
        return new Operation(Group, name, string.Create(CultureInfo.InvariantCulture, $"{shapes.Length} tensors, {count:N0} parameters"), sizes, Work.Memory(count, operations, moved), device =>
        {
            Tensor[] parameters = [.. shapes.Select((shape, i) => Values(device, i, shape))];
            for (var i = 0; i < parameters.Length; i++)
            {
                parameters[i].Grad = Values(device, 100 + i, shapes[i]);
            }

            var optimizer = make(parameters.Select((parameter, i) => ($"p{i}", parameter)));
            return new Prepared(optimizer.Step, [.. parameters.Select(parameter => parameter.View)]);
        });
    }

    private static Tensor Values(Device device, int seed, int[] shape)
    {
        var lengths = new Shape(shape);
        return Tensor.From(Inputs.Values(lengths.Elements, seed), lengths, device);
    }
}
