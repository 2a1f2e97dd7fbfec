namespace TaaS.Kernels;

/// <summary>Arithmetic of two operands.</summary>
public enum BinaryOp
{
    /// <summary>a + b.</summary>
    Add,

    /// <summary>a − b.</summary>
    Subtract,

    /// <summary>a · b.</summary>
    Multiply,

    /// <summary>a / b by IEEE 754: x/0 is ±inf, 0/0 is NaN.</summary>
    Divide,

    /// <summary>The larger; NaN if either is NaN.</summary>
    Maximum,

    /// <summary>The smaller; NaN if either is NaN.</summary>
    Minimum,

    /// <summary>a to the power b.</summary>
    Power,

    /// <summary>1 where a &gt; b, else 0.</summary>
    Greater,

    /// <summary>1 where a = b, else 0.</summary>
    Equal,
}

/// <summary>Functions of one operand.</summary>
public enum UnaryOp
{
    /// <summary>−x.</summary>
    Negate,

    /// <summary>|x|.</summary>
    Absolute,

    /// <summary>eˣ.</summary>
    Exp,

    /// <summary>Natural logarithm.</summary>
    Log,

    /// <summary>Square root.</summary>
    Sqrt,

    /// <summary>max(x, 0); NaN stays NaN.</summary>
    Relu,

    /// <summary>x where x &gt; 0, else alpha·x.</summary>
    LeakyRelu,

    /// <summary>x·Φ(x), exact form by the error function (Hendrycks and Gimpel 2016, arXiv:1606.08415).</summary>
    Gelu,

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    Sigmoid,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,
}

/// <summary>Element-wise kernels. Inputs may be strided or broadcast (stride 0) to the output's shape; outputs may be strided.</summary>
public interface IElementwiseKernels
{
    /// <summary>y = op(a, b). <b>Shapes</b>: a, b and y share one shape (broadcast by strides). y may be a or b itself.</summary>
    void Binary(BinaryOp op, View a, View b, View y);

    /// <summary>y = op(a, s). y may be a itself.</summary>
    void BinaryScalar(BinaryOp op, View a, float s, View y);

    /// <summary>y = op(x); <paramref name="alpha"/> is LeakyRelu's slope. y may be x itself.</summary>
    void Unary(UnaryOp op, View x, View y, float alpha = 0.01f);

    /// <summary>dx = dy · op'(x), given both x and y = op(x). At a kink the slope is 0 (relu at 0, |x| at 0), alpha for LeakyRelu. dx may be dy itself.</summary>
    void UnaryBackward(UnaryOp op, View x, View y, View dy, View dx, float alpha = 0.01f);

    /// <summary>y += alpha · x. <b>Shapes</b>: equal.</summary>
    void Axpy(float alpha, View x, View y);

    /// <summary>y = value everywhere.</summary>
    void Fill(View y, float value);

    /// <summary>y = x for any strides on either side: makes transposes and slices contiguous. Float32 or Int32, equal on both sides.</summary>
    void Copy(View x, View y);

    /// <summary>y[row, labels[row]] = 1, elsewhere 0. <b>Shapes</b>: labels: Int32 [rows], y: [rows, classes]; contiguous. Labels lie in 0..classes−1.</summary>
    void OneHot(View labels, View y);
}
