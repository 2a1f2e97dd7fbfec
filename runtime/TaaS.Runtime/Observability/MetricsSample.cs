using System.Diagnostics;
using System.Globalization;

namespace TaaS.Runtime.Observability;

/// <summary>What a role's <c>/metrics</c> said at one moment, in Prometheus's text format.</summary>
internal sealed class MetricsSample
{
    private readonly Dictionary<string, double> _values = new(StringComparer.Ordinal);
    private readonly long _taken = Stopwatch.GetTimestamp();

    private MetricsSample()
    {
    }

    /// <summary>Reads the text; lines that are no samples are passed over.</summary>
    public static MetricsSample Parse(string text)
    {
        var sample = new MetricsSample();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            // NAME{LABELS} VALUE; a label may hold blanks, a value cannot.
            var name = line.LastIndexOf(' ');
            if (name > 0 && line[0] != '#' && double.TryParse(line[(name + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            {
                sample._values[line[..name].ToString()] = value;
            }
        }

        return sample;
    }

    /// <summary>A metric by its name and, where it has any, labels; null if the role has none such.</summary>
    public double? this[string name] => _values.TryGetValue(name, out var value) ? value : null;

    /// <summary>How fast a counter grew since an earlier sample, a second; null if unknown, or if the role started anew in between.</summary>
    public double? Rate(string name, MetricsSample? earlier) =>
        this[name] is { } now && earlier?[name] is { } before && now >= before && _taken > earlier._taken
            ? (now - before) / Stopwatch.GetElapsedTime(earlier._taken, _taken).TotalSeconds
            : null;
}
