namespace TaaS.Engine.Nn;

/// <summary>max(x, 0).</summary>
public sealed class ReLU : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => F.Relu(x);
}

/// <summary>x where x &gt; 0, else slope·x.</summary>
public sealed class LeakyReLU(float slope = 0.01f) : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => F.LeakyRelu(x, slope);
}

/// <summary>x·Φ(x).</summary>
public sealed class GELU : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => F.Gelu(x);
}

/// <summary>1 / (1 + e⁻ˣ).</summary>
public sealed class Sigmoid : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => F.Sigmoid(x);
}

/// <summary>Hyperbolic tangent.</summary>
public sealed class Tanh : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => F.Tanh(x);
}

/// <summary>Softmax over the last axis.</summary>
public sealed class Softmax : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => F.Softmax(x);
}

/// <summary>All axes but the first into one. <b>Shapes</b>: [N, …] → [N, D].</summary>
public sealed class Flatten : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => x.Reshape(x.Shape[0], -1);
}

/// <summary>Sets elements to 0 with probability p while training; see <see cref="F.Dropout"/>.</summary>
public sealed class Dropout(float p, Generator generator) : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Training && p > 0 ? F.Dropout(x, p, generator) : x;
}
