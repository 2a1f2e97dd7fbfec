using TaaS.Benchmarks.Operations;

namespace TaaS.Benchmarks.Contenders;

/// <summary>Who does the work.</summary>
public enum Library
{
    /// <summary>This project.</summary>
    TaaS,

    /// <summary>The hardware: a loop of multiply-adds in registers, or a plain memory copy.</summary>
    Peak,

    /// <summary>OpenBLAS.</summary>
    OpenBlas,

    /// <summary>ONNX Runtime.</summary>
    OnnxRuntime,

    /// <summary>Math.NET Numerics, its managed provider.</summary>
    MathNet,

    /// <summary>libtorch, through TorchSharp.</summary>
    LibTorch,
}

/// <summary>One of those who do the same work.</summary>
/// <param name="Library">Who.</param>
/// <param name="Work">Work of one run, in the case's unit.</param>
/// <param name="Prepare">Makes inputs for a number of threads and gives what one run calls; not timed.</param>
public sealed record Contender(Library Library, double Work, Func<int, Action> Prepare);

/// <summary>One thing to measure.</summary>
/// <param name="Operation">What is done.</param>
/// <param name="Contenders">This project first, then its peers.</param>
public sealed record Workload(Operation Operation, IReadOnlyList<Contender> Contenders)
{
    /// <summary>Family, and the suite it belongs to.</summary>
    public string Group => Operation.Group;

    /// <summary>Family, name and shapes, by which cases are chosen.</summary>
    public string FullName => Operation.FullName;

    /// <inheritdoc/>
    public override string ToString() => $"{Operation.Name} {Operation.Shape}";
}
