using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations.Families;

/// <summary>Directions of a convolution.</summary>
public enum ConvolutionDirection
{
    /// <summary>The result.</summary>
    Forward,

    /// <summary>Gradient of the input.</summary>
    BackwardData,

    /// <summary>Gradient of the filters.</summary>
    BackwardFilter,
}

/// <summary>A square convolution that keeps the image's size.</summary>
/// <param name="Images">N.</param>
/// <param name="Channels">C.</param>
/// <param name="Side">H and W.</param>
/// <param name="Filters">K.</param>
/// <param name="Size">R and S, odd.</param>
/// <param name="Direction">Which way.</param>
public sealed record ConvolutionProblem(int Images, int Channels, int Side, int Filters, int Size, ConvolutionDirection Direction)
{
    /// <summary>Zeros on each side.</summary>
    public int Pad => Size / 2;

    /// <summary>Shape of the input.</summary>
    public int[] X => [Images, Channels, Side, Side];

    /// <summary>Shape of the filters.</summary>
    public int[] W => [Filters, Channels, Size, Size];

    /// <summary>Shape of the result.</summary>
    public int[] Y => [Images, Filters, Side, Side];

    /// <summary>As a case.</summary>
    public Operation ToOperation() => new(
        ConvolutionOperations.Group,
        Direction switch { ConvolutionDirection.Forward => "forward", ConvolutionDirection.BackwardData => "backward-data", _ => "backward-filter" },
        $"{Images}x{Channels}x{Side}x{Side}, {Filters} of {Size}x{Size}",
        [Images, Channels, Side, Filters, Size],
        Work.Arithmetic((double)Images * Filters * Side * Side * Channels * Size * Size, (double)Side * Side * Images * (Channels + Filters) + (double)Filters * Channels * Size * Size),
        Prepare)
    {
        Tolerance = 1e-4,
    };

    private Prepared Prepare(Device device)
    {
        View x = Inputs.Floats(device, 1, X), w = Inputs.Floats(device, 2, W), y = Inputs.Floats(device, 3, Y);
        var geometry = new Conv2dGeometry(PadH: Pad, PadW: Pad);
        return Direction switch
        {
            ConvolutionDirection.Forward => new Prepared(() => device.Convolution.Forward(x, w, null, y, geometry, FusedActivation.None), [y]),
            ConvolutionDirection.BackwardData => new Prepared(() => device.Convolution.BackwardData(y, w, x, geometry), [x]),
            _ => new Prepared(() => device.Convolution.BackwardFilter(x, y, w, null, geometry), [w]),
        };
    }
}

/// <summary>The example's two convolutions and a layer of a residual network.</summary>
public static class ConvolutionOperations
{
    /// <summary>Name of the family.</summary>
    public const string Group = "conv2d";

    /// <summary>Convolutions at a scale.</summary>
    public static IEnumerable<ConvolutionProblem> Problems(Scale scale) => scale switch
    {
        Scale.Processor => [.. Example(64), new ConvolutionProblem(8, 64, 56, 64, 3, ConvolutionDirection.Forward)],
        Scale.Gpu => [.. Example(64), .. Example(1024), .. AllWays(64, 64, 56, 64, 3)],
        _ => AllWays(1, 2, 4, 3, 3),
    };

    internal static IEnumerable<Operation> All(Scale scale) => Problems(scale).Select(problem => problem.ToOperation());

    // Nobody needs the gradient of the images, so the first layer has none.
    private static ConvolutionProblem[] Example(int batch) =>
    [
        new ConvolutionProblem(batch, 1, 28, 32, 5, ConvolutionDirection.Forward),
        new ConvolutionProblem(batch, 1, 28, 32, 5, ConvolutionDirection.BackwardFilter),
        .. AllWays(batch, 32, 14, 64, 5),
    ];

    private static IEnumerable<ConvolutionProblem> AllWays(int images, int channels, int side, int filters, int size) =>
        Enum.GetValues<ConvolutionDirection>().Select(direction => new ConvolutionProblem(images, channels, side, filters, size, direction));
}
