using System.Globalization;

namespace TaaS.Cli.Cluster;

/// <summary>Lengths of time at a glance: <c>45s</c>, <c>12m</c>, <c>3h</c>, <c>5d</c>.</summary>
internal static class Age
{
    /// <summary>Since a moment; nothing where it is not known.</summary>
    public static string Since(DateTimeOffset? moment, DateTimeOffset now) => moment is { } then ? Of(now - then) : "";

    public static string Of(TimeSpan time) => time switch
    {
        { TotalSeconds: < 0 } => "0s",
        { TotalMinutes: < 2 } => Text($"{(int)time.TotalSeconds}s"),
        { TotalHours: < 2 } => Text($"{(int)time.TotalMinutes}m"),
        { TotalDays: < 2 } => Text($"{(int)time.TotalHours}h"),
        _ => Text($"{(int)time.TotalDays}d"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
