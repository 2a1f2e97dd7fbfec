namespace TaaS.Benchmarks.Operations.Roofline;

/// <summary>One measured case.</summary>
/// <param name="Group">Family, by which points are coloured.</param>
/// <param name="Label">Name and shapes.</param>
/// <param name="Work">What one run does.</param>
/// <param name="Seconds">Time of one run.</param>
public sealed record RooflinePoint(string Group, string Label, Work Work, double Seconds)
{
    /// <summary>Operations for each byte.</summary>
    public double Intensity => Work.Intensity;

    /// <summary>Operations a second.</summary>
    public double Flops => Work.Flops / Seconds;
}

/// <summary>What the machine does at best, as measured.</summary>
/// <param name="Flops">Operations a second, in registers.</param>
/// <param name="Bytes">Bytes a second, read and written by a copy.</param>
public sealed record Roof(double Flops, double Bytes)
{
    /// <summary>Where memory ceases to be the limit: operations for each byte.</summary>
    public double Ridge => Flops / Bytes;

    /// <summary>Most operations a second at that many operations for each byte. <b>Source</b>: Williams et al. 2009, doi:10.1145/1498765.1498785.</summary>
    public double At(double intensity) => Math.Min(Flops, intensity * Bytes);
}
