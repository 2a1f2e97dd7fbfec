using TaaS.Benchmarks.Measure;
using TaaS.Benchmarks.Peers;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TorchSharp;

namespace TaaS.Benchmarks.Cases;

/// <summary>The example's two convolutions and a layer of a residual network, in all directions.</summary>
internal static class ConvolutionCases
{
    internal const string Group = "conv2d";

    private static readonly Layer First = new("64x1x28x28, 32 of 5x5", 64, 1, 28, 32, 5, 2);
    private static readonly Layer Second = new("64x32x14x14, 64 of 5x5", 64, 32, 14, 64, 5, 2);
    private static readonly Layer Residual = new("8x64x56x56, 64 of 3x3", 8, 64, 56, 64, 3, 1);

    private enum Direction
    {
        Forward,
        Data,
        Filter,
    }

    internal static IEnumerable<Workload> All =>
    [
        Case(First, Direction.Forward),
        Case(First, Direction.Filter),
        Case(Second, Direction.Forward),
        Case(Second, Direction.Data),
        Case(Second, Direction.Filter),
        Case(Residual, Direction.Forward),
    ];

    private static Workload Case(Layer layer, Direction direction)
    {
        var flops = 2.0 * layer.Images * layer.Filters * layer.Side * layer.Side * layer.Channels * layer.Size * layer.Size;
        var contenders = new List<Contender> { new(Library.TaaS, flops, _ => Ours(layer, direction)), Peaks.Arithmetic };
        if (direction == Direction.Forward)
        {
            contenders.Add(new Contender(Library.OnnxRuntime, flops, threads => Onnx(layer, threads)));
        }

        contenders.Add(new Contender(Library.LibTorch, flops, _ => Torch(layer, direction)));
        var name = direction switch { Direction.Forward => "forward", Direction.Data => "backward-data", _ => "backward-filter" };
        return new Workload(Group, $"{name} {layer.Name}", WorkUnit.Flop, contenders);
    }

    private static Action Ours(Layer layer, Direction direction)
    {
        View x = Data.View(1, layer.X), w = Data.View(2, layer.W), y = Data.View(3, layer.Y);
        var geometry = new Conv2dGeometry(PadH: layer.Pad, PadW: layer.Pad);
        var kernels = CpuDevice.Instance.Convolution;
        return direction switch
        {
            Direction.Forward => () => kernels.Forward(x, w, null, y, geometry, FusedActivation.None),
            Direction.Data => () => kernels.BackwardData(y, w, x, geometry),
            _ => () => kernels.BackwardFilter(x, y, w, null, geometry),
        };
    }

    private static Action Onnx(Layer layer, int threads) => OnnxRuntime.Prepare(
        new OnnxModel("Conv")
            .Input("x", layer.X)
            .Input("w", layer.W)
            .Output("y", layer.Y)
            .Attribute("pads", [layer.Pad, layer.Pad, layer.Pad, layer.Pad]),
        threads);

    private static Action Torch(Layer layer, Direction direction)
    {
        LibTorch.Require();
        torch.Tensor x = LibTorch.Tensor(1, layer.X), w = LibTorch.Tensor(2, layer.W), dy = LibTorch.Tensor(3, layer.Y);
        if (direction == Direction.Forward)
        {
            return () =>
            {
                using var off = torch.no_grad();
                torch.nn.functional.conv2d(x, w, padding: [layer.Pad, layer.Pad]).Dispose();
            };
        }

        var wanted = (direction == Direction.Data ? x : w).requires_grad_();
        var y = torch.nn.functional.conv2d(x, w, padding: [layer.Pad, layer.Pad]);
        return () =>
        {
            foreach (var gradient in torch.autograd.grad([y], [wanted], [dy], retain_graph: true))
            {
                gradient.Dispose();
            }
        };
    }

    private sealed record Layer(string Name, int Images, int Channels, int Side, int Filters, int Size, int Pad)
    {
        internal int[] X => [Images, Channels, Side, Side];

        internal int[] W => [Filters, Channels, Size, Size];

        internal int[] Y => [Images, Filters, Side, Side];
    }
}
