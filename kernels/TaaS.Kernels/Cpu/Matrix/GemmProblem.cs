namespace TaaS.Kernels.Cpu;

/// <summary>c (+)= alpha · a · b, then bias and activation, as plain pointers and steps in elements.</summary>
internal unsafe struct GemmProblem
{
    /// <summary>Left operand, [M, K].</summary>
    internal float* A;

    /// <summary>Step between rows of a.</summary>
    internal nint ARow;

    /// <summary>Step along K of a.</summary>
    internal nint AStep;

    /// <summary>Right operand, [K, N].</summary>
    internal float* B;

    /// <summary>Step along K of b.</summary>
    internal nint BStep;

    /// <summary>Step between columns of b.</summary>
    internal nint BColumn;

    /// <summary>Result, [M, N]; columns (or, turned around, rows) lie side by side.</summary>
    internal float* C;

    /// <summary>Step between the result's rows, or between its columns where <see cref="Turned"/>.</summary>
    internal nint CStep;

    /// <summary>The result is stored column by column.</summary>
    internal bool Turned;

    /// <summary>Rows.</summary>
    internal int M;

    /// <summary>Columns.</summary>
    internal int N;

    /// <summary>Summed length.</summary>
    internal int K;

    /// <summary>Factor of the product.</summary>
    internal float Alpha;

    /// <summary>Add to what c holds.</summary>
    internal bool Accumulate;

    /// <summary>Added along each stored line of c (a row, or a column where <see cref="Turned"/>), or null.</summary>
    internal float* LineBias;

    /// <summary>Negative results become 0.</summary>
    internal bool Relu;

    /// <summary>The same problem with the operands exchanged: cᵀ = bᵀ · aᵀ.</summary>
    internal readonly GemmProblem Transposed()
    {
        var other = this;
        other.A = B;
        other.ARow = BColumn;
        other.AStep = BStep;
        other.B = A;
        other.BStep = AStep;
        other.BColumn = ARow;
        other.M = N;
        other.N = M;
        other.Turned = !Turned;
        return other;
    }
}
