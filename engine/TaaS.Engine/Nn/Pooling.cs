using TaaS.Kernels;

namespace TaaS.Engine.Nn;

/// <summary>Largest of each window; the stride is the window unless told. <b>Shapes</b>: [N, C, H, W] → [N, C, H', W'].</summary>
public sealed class MaxPool2d(int window, int? stride = null, int padding = 0) : Module
{
    /// <summary>Window, stride and padding.</summary>
    public Pool2dGeometry Geometry { get; } = new(window, window, stride ?? window, stride ?? window, padding, padding);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => F.MaxPool2d(x, Geometry);
}

/// <summary>Mean of each window; the stride is the window unless told. <b>Shapes</b>: [N, C, H, W] → [N, C, H', W'].</summary>
public sealed class AvgPool2d(int window, int? stride = null, int padding = 0, bool countPadding = true) : Module
{
    /// <summary>Window, stride and padding.</summary>
    public Pool2dGeometry Geometry { get; } = new(window, window, stride ?? window, stride ?? window, padding, padding);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => F.AvgPool2d(x, Geometry, countPadding);
}

/// <summary>Mean of each whole channel. <b>Shapes</b>: [N, C, H, W] → [N, C, 1, 1].</summary>
public sealed class GlobalAvgPool2d : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => F.GlobalAvgPool2d(x);
}
