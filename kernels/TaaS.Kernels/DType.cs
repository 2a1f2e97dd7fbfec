namespace TaaS.Kernels;

/// <summary>Element type of a buffer.</summary>
public enum DType
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32,

    /// <summary>Signed 32-bit integer: class labels and argmax positions.</summary>
    Int32,
}
