namespace TaaS.Kernels;

/// <summary>How the operands of matrix products and convolutions are rounded before they are multiplied; products are added up in f32.</summary>
public enum MatrixPrecision
{
    /// <summary>Not at all.</summary>
    Float32,

    /// <summary>To ten bits of fraction, the exponent as it is.</summary>
    TensorFloat32,

    /// <summary>To seven bits of fraction, the exponent as it is.</summary>
    BFloat16,

    /// <summary>To IEEE 754 binary16: ten bits of fraction; what is too large becomes the largest number, ±65504.</summary>
    Float16,
}
