using System.Text.RegularExpressions;

namespace TaaS.Kernels.Tests.Gpu;

/// <summary>What a product's kernel does for each panel: the text between its first two barriers, and in it the block without branches where the sums are made.</summary>
internal sealed partial record PtxLoop(string Panel, string Sums)
{
    /// <summary>Products that the assembler can fuse with an addition: each is used once, by an addition of the same block.</summary>
    public int MultiplyAdds
    {
        get
        {
            var additions = Addition().Matches(Sums).SelectMany(match => new[] { match.Groups["a"].Value, match.Groups["b"].Value }).CountBy(name => name).ToDictionary();
            return Multiplication().Matches(Sums).Count(match => additions.GetValueOrDefault(match.Groups["result"].Value) == 1);
        }
    }

    /// <summary>Reads of four floats from shared memory.</summary>
    public int SharedVectorLoads => SharedVectorLoad().Count(Sums);

    /// <summary>All reads from shared memory.</summary>
    public int SharedLoads => SharedLoad().Count(Sums);

    /// <summary>Reads of four floats from the device's memory, for the next panel.</summary>
    public int GlobalVectorLoads => GlobalVectorLoad().Count(Panel);

    /// <summary>All reads from the device's memory.</summary>
    public int GlobalLoads => GlobalLoad().Count(Panel);

    /// <summary>Divisions by numbers that the assembler does not know.</summary>
    public int Divisions => Division().Count(Panel);

    public static PtxLoop Of(Ptx ptx)
    {
        var barriers = Barrier().Matches(ptx.Text);
        Assert.True(barriers.Count == 2, $"{barriers.Count} barriers, expected one before the loop and one in it");
        var panel = ptx.Text[barriers[0].Index..barriers[1].Index];
        return new PtxLoop(panel, BlockEnd().Split(panel).MaxBy(block => Multiplication().Count(block))!);
    }

    [GeneratedRegex(@"\bbar\.sync\b")]
    private static partial Regex Barrier();

    [GeneratedRegex(@"^\s*(?:L_\w+:|(?:@!?%p\d+\s+)?bra\b.*)$", RegexOptions.Multiline)]
    private static partial Regex BlockEnd();

    [GeneratedRegex(@"\bmul\.f32\s+(?<result>%f\d+),")]
    private static partial Regex Multiplication();

    [GeneratedRegex(@"\badd\.f32\s+%f\d+, (?<a>%f\d+), (?<b>%f\d+);")]
    private static partial Regex Addition();

    [GeneratedRegex(@"\bld\.shared\.")]
    private static partial Regex SharedLoad();

    [GeneratedRegex(@"\bld\.shared\.v4\.f32\b")]
    private static partial Regex SharedVectorLoad();

    [GeneratedRegex(@"\bld\.global\.")]
    private static partial Regex GlobalLoad();

    [GeneratedRegex(@"\bld\.global\.v4\.f32\b")]
    private static partial Regex GlobalVectorLoad();

    [GeneratedRegex(@"\b(?:div|rem)\.[su](?:32|64)\s+%\w+, %\w+, %")]
    private static partial Regex Division();
}
