using System.Globalization;
using System.Text.RegularExpressions;

namespace TaaS.Jobs;

/// <summary>An amount of a resource as Kubernetes writes it: <c>2</c>, <c>500m</c>, <c>2Gi</c>, <c>1e3</c>. <b>Source</b>: Kubernetes API, resource.Quantity.</summary>
public readonly partial record struct Quantity
{
    /// <summary>Longest text of one.</summary>
    internal const int MaxLength = 32;

    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1048576m), ("Gi", 1073741824m), ("Ti", 1099511627776m), ("Pi", 1125899906842624m), ("Ei", 1152921504606846976m),
        ("n", 1e-9m), ("u", 1e-6m), ("m", 1e-3m), ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m), ("P", 1e15m), ("E", 1e18m), ("", 1m),
    ];

    private Quantity(string text, decimal value) => (Text, Value) = (text, value);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>In base units: cores, bytes, devices.</summary>
    public decimal Value { get; }

    /// <summary>Reads a quantity; false for anything that is not one, negative ones included.</summary>
    public static bool TryParse(string text, out Quantity quantity)
    {
        quantity = default;
        if (text.Length > MaxLength || Form().Match(text) is not { Success: true } match || match.Length != text.Length)
        {
            return false;
        }

        foreach (var (suffix, factor) in Suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal)
                && decimal.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
                && number <= long.MaxValue / factor)
            {
                quantity = new Quantity(text, number * factor);
                return true;
            }
        }

        return false;
    }

    /// <summary>Is it a plain whole number, as devices are counted?</summary>
    internal static bool IsCount(string text) => Count().Match(text) is { Success: true } match && match.Length == text.Length;

    /// <summary>What a quantity looks like.</summary>
    [GeneratedRegex(@"^([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,2}|[KMGTPE]i|[numkMGTPE])?$")]
    internal static partial Regex Form();

    /// <summary>What a number of devices looks like.</summary>
    [GeneratedRegex("^[0-9]{1,9}$")]
    internal static partial Regex Count();

    /// <inheritdoc/>
    public bool Equals(Quantity other) => Value == other.Value;

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();

    /// <summary>As it was written.</summary>
    public override string ToString() => Text;
}
