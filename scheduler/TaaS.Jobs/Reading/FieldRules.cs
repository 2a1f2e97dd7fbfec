using System.Globalization;
using System.Text.RegularExpressions;

namespace TaaS.Jobs;

/// <summary>What a text must be.</summary>
/// <param name="Expected">The same in words, for messages.</param>
/// <param name="Pattern">Pattern that all of it matches; one that both .NET and RE2 read alike.</param>
/// <param name="MaxLength">Longest.</param>
/// <param name="CanBeEmpty">Whether nothing will do as well.</param>
internal sealed record TextRule(string Expected, Regex? Pattern = null, int MaxLength = 1024, bool CanBeEmpty = false)
{
    public static TextRule Any { get; } = new("text");

    public static TextRule Name { get; } = new("lower-case letters, digits and '-', at most 63", FieldPatterns.Name(), 63);

    /// <summary>A job's name is that of its Service too, which may not begin with a digit.</summary>
    public static TextRule JobName { get; } = new("lower-case letters, digits and '-', at most 63, the first a letter", FieldPatterns.JobName(), 63);

    public static TextRule Path { get; } = new("a path", MaxLength: 4096);

    public static TextRule AbsolutePath { get; } = new("a path that begins with /", FieldPatterns.AbsolutePath(), 4096);

    public static TextRule ObjectName { get; } = new("the name of an object: lower-case letters, digits, '-' and '.', at most 253", FieldPatterns.ObjectName(), 253);

    public static TextRule LabelKey { get; } = new("a label's name, such as example.com/rack", FieldPatterns.LabelKey(), 317);

    public static TextRule LabelValue { get; } = new("a label's value: at most 63 letters, digits, '-', '_' and '.', the first and the last a letter or digit", FieldPatterns.LabelValue(), 63, CanBeEmpty: true);

    public bool Accepts(string text) =>
        text.Length <= MaxLength && (text.Length > 0 || CanBeEmpty) && (Pattern is null || (Pattern.Match(text) is { Success: true } match && match.Length == text.Length));
}

/// <summary>What a number must be.</summary>
/// <param name="Noun">What it is, for messages.</param>
/// <param name="Least">Lower bound.</param>
/// <param name="IsLeastIn">Whether the lower bound is allowed itself.</param>
/// <param name="Most">Upper bound; null for none.</param>
/// <param name="IsMostIn">Whether the upper bound is allowed itself.</param>
internal sealed record NumberRule(string Noun, double Least, bool IsLeastIn, double? Most = null, bool IsMostIn = false)
{
    public static NumberRule Positive { get; } = new("a number", 0, false);

    public static NumberRule NotNegative { get; } = new("a number", 0, true);

    public static NumberRule BelowOne { get; } = new("a number", 0, true, 1);

    public string Expected => (IsLeastIn, Most) switch
    {
        (false, null) => Text($"{Noun} above {Least}"),
        (true, null) => Text($"{Noun} of at least {Least}"),
        (true, _) => Text($"{Noun} from {Least} to {(IsMostIn ? "" : "below ")}{Most}"),
        (false, _) => Text($"{Noun} above {Least} and {(IsMostIn ? "up to" : "below")} {Most}"),
    };

    public bool Accepts(double value) =>
        (IsLeastIn ? value >= Least : value > Least) && (Most is not { } most || (IsMostIn ? value <= most : value < most));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a list must be.</summary>
/// <param name="Most">Longest.</param>
/// <param name="Least">Shortest.</param>
/// <param name="Key">Field, or fields, that no two items share; a list of texts has none twice where it is empty but not null.</param>
internal sealed record ListRule(int Most, int Least = 0, string? Key = null);

/// <summary>What a map with the user's keys must be.</summary>
/// <param name="Most">Most entries.</param>
/// <param name="Keys">What a key must be.</param>
/// <param name="Least">Fewest entries.</param>
internal sealed record EntriesRule(int Most, TextRule Keys, int Least = 0);
