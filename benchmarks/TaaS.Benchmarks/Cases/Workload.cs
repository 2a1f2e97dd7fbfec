namespace TaaS.Benchmarks.Cases;

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

/// <summary>What the work of a case is counted in.</summary>
public enum WorkUnit
{
    /// <summary>Floating-point operations.</summary>
    Flop,

    /// <summary>Bytes read and written.</summary>
    Byte,

    /// <summary>Images trained on.</summary>
    Image,
}

/// <summary>One of those who do the same work.</summary>
/// <param name="Library">Who.</param>
/// <param name="Work">Work of one run, in the case's unit.</param>
/// <param name="Prepare">Makes inputs for a number of threads and gives what one run calls; not timed.</param>
public sealed record Contender(Library Library, double Work, Func<int, Action> Prepare);

/// <summary>One thing to measure.</summary>
/// <param name="Group">Family, and the suite it belongs to.</param>
/// <param name="Name">Operation and shapes.</param>
/// <param name="Unit">What work is counted in.</param>
/// <param name="Contenders">This project first, then its peers.</param>
public sealed record Workload(string Group, string Name, WorkUnit Unit, IReadOnlyList<Contender> Contenders)
{
    /// <summary>Group and name, by which cases are chosen.</summary>
    public string FullName => $"{Group} {Name}";

    /// <inheritdoc/>
    public override string ToString() => Name;
}
