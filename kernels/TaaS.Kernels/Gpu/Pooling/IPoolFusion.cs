namespace TaaS.Kernels.Gpu;

/// <summary>What max pooling is fused with. A struct without fields, so that every kernel is compiled for its own case.</summary>
internal interface IPoolFusion
{
    /// <summary>Forward pools relu(x + bias); backward sums the bias' gradient too.</summary>
    static abstract bool BiasRelu { get; }
}

/// <summary>Nothing but the maximum.</summary>
internal readonly struct PlainPool : IPoolFusion
{
    public static bool BiasRelu => false;
}

/// <summary>What follows a convolution.</summary>
internal readonly struct BiasReluPool : IPoolFusion
{
    public static bool BiasRelu => true;
}
