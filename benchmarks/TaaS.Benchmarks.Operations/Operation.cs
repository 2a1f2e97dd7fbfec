using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations;

/// <summary>What a speed is told in.</summary>
public enum WorkUnit
{
    /// <summary>Floating-point operations.</summary>
    Flop,

    /// <summary>Bytes read and written.</summary>
    Byte,

    /// <summary>Images trained on.</summary>
    Image,
}

/// <summary>What one run does.</summary>
/// <param name="Unit">What its speed is told in: what limits it on a large machine.</param>
/// <param name="Flops">Additions, multiplications, comparisons and function values such as eˣ, one each; an element that is only moved counts as one too, so that a copy has a place on a roofline.</param>
/// <param name="Bytes">What a kernel must read and write if no cache holds anything between its passes.</param>
/// <param name="Images">Images trained on.</param>
public readonly record struct Work(WorkUnit Unit, double Flops, double Bytes, int Images = 0)
{
    /// <summary>Amount in the unit.</summary>
    public double Amount => Unit switch { WorkUnit.Flop => Flops, WorkUnit.Byte => Bytes, _ => Images };

    /// <summary>Operations for each byte.</summary>
    public double Intensity => Flops / Bytes;

    /// <summary>Work of a kernel that memory limits, all of it 4-byte elements.</summary>
    /// <param name="elements">Elements.</param>
    /// <param name="operations">Operations for each.</param>
    /// <param name="moved">Elements read or written for each.</param>
    public static Work Memory(double elements, double operations, double moved) => new(WorkUnit.Byte, elements * operations, 4 * elements * moved);

    /// <summary>Work of multiply-adds.</summary>
    /// <param name="multiplyAdds">Pairs of a multiplication and an addition.</param>
    /// <param name="moved">4-byte elements of all operands and results.</param>
    public static Work Arithmetic(double multiplyAdds, double moved) => new(WorkUnit.Flop, 2 * multiplyAdds, 4 * moved);
}

/// <summary>An operation with its operands on a device.</summary>
/// <param name="Run">Launches it once.</param>
/// <param name="Results">What it writes, all contiguous.</param>
public sealed record Prepared(Action Run, IReadOnlyList<View> Results);

/// <summary>One operation on fixed shapes, the same on every device.</summary>
/// <param name="Group">Family.</param>
/// <param name="Name">What it does, without shapes: with the family, the name by which a peer knows it.</param>
/// <param name="Shape">Shapes, for people.</param>
/// <param name="Sizes">Shapes, for a peer; what they mean depends on the name.</param>
/// <param name="Work">What one run does.</param>
/// <param name="Prepare">Makes operands on a device: the same numbers on each.</param>
public sealed record Operation(string Group, string Name, string Shape, IReadOnlyList<int> Sizes, Work Work, Func<Device, Prepared> Prepare)
{
    /// <summary>Relative error norm allowed against a device that is known to be right.</summary>
    public double Tolerance { get; init; } = 1e-5;

    /// <summary>How a GPU rounds the operands of matrix products.</summary>
    public MatrixPrecision Precision { get; init; }

    /// <summary>Type of the operands, as it is computed with.</summary>
    public string Type => Precision switch { MatrixPrecision.Float32 => "f32", MatrixPrecision.TensorFloat32 => "tf32", MatrixPrecision.BFloat16 => "bf16", _ => "f16" };

    /// <summary>Family and name.</summary>
    public string Key => $"{Group} {Name}";

    /// <summary>Family, name, shapes and a type other than f32, by which cases are chosen.</summary>
    public string FullName => Precision == MatrixPrecision.Float32 ? $"{Key} {Shape}" : $"{Key} {Shape} {Type}";

    /// <inheritdoc/>
    public override string ToString() => FullName;
}
