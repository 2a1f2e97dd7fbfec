using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TaaS.Jobs;

/// <summary>Lengths of time as Kubernetes and Go write them: <c>90s</c>, <c>5m</c>, <c>1h30m</c>, <c>2d</c>.</summary>
internal static partial class Duration
{
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var match = Pattern().Match(text);
        if (!match.Success || match.Length != text.Length || text.Length == 0)
        {
            return false;
        }

        try
        {
            duration = TimeSpan.FromSeconds(checked(
                Number(match, "d") * 86400 + Number(match, "h") * 3600 + Number(match, "m") * 60 + Number(match, "s")));
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    public static string Format(TimeSpan duration)
    {
        var text = new StringBuilder();
        Append(text, duration.Days, 'd');
        Append(text, duration.Hours, 'h');
        Append(text, duration.Minutes, 'm');
        Append(text, duration.Seconds, 's');
        return text.Length > 0 ? text.ToString() : "0s";
    }

    private static void Append(StringBuilder text, int amount, char unit)
    {
        if (amount > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{amount}{unit}");
        }
    }

    private static long Number(Match match, string unit) =>
        match.Groups[unit].Success ? long.Parse(match.Groups[unit].ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^(?:(?<d>\d{1,9})d)?(?:(?<h>\d{1,9})h)?(?:(?<m>\d{1,9})m)?(?:(?<s>\d{1,9})s)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
