namespace TaaS.Benchmarks.Operations;

/// <summary>How large operands are.</summary>
public enum Scale
{
    /// <summary>For a processor: milliseconds at most.</summary>
    Processor,

    /// <summary>For a GPU: buffers beyond its cache.</summary>
    Gpu,

    /// <summary>For checking that all of it runs, on a device that emulates a GPU. Speeds mean nothing there.</summary>
    Tiny,
}
