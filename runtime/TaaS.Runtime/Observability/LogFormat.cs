using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace TaaS.Runtime.Observability;

/// <summary>How a line of a log is written: for people, or as JSON lines for programs.</summary>
internal sealed class LogFormat
{
    /// <summary><c>json</c> asks for JSON lines; any other value, or none, for lines for people.</summary>
    public const string Variable = "TAAS_LOG";

    // Logs are read by people too; the default would write an umlaut as a number.
    private static readonly LogJson Json = new(new JsonSerializerOptions(LogJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private readonly bool _isJson;

    /// <summary>Makes a format.</summary>
    public LogFormat(bool isJson) => _isJson = isJson;

    /// <summary>What <c>TAAS_LOG</c> of this process asks for.</summary>
    public static LogFormat OfEnvironment { get; } = new(Environment.GetEnvironmentVariable(Variable) == "json");

    /// <summary>A line without its end.</summary>
    /// <param name="time">When it happened.</param>
    /// <param name="level">How much it matters.</param>
    /// <param name="role">Where it happened.</param>
    /// <param name="step">At which step, or null before the first.</param>
    /// <param name="text">What happened.</param>
    public string Line(DateTimeOffset time, LogLevel level, string role, long? step, string text)
    {
        var stamp = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        if (_isJson)
        {
            return JsonSerializer.Serialize(new Entry(stamp, Name(level), role, step, text), Json.Entry);
        }

        var place = step is { } at ? string.Create(CultureInfo.InvariantCulture, $"{role} step {at}") : role;
        return $"{stamp} {Name(level)} {place}: {text}";
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        LogLevel.Critical => "fatal",
        _ => "info",
    };

    /// <summary>A line as JSON.</summary>
    internal sealed record Entry(string Time, string Level, string Role, long? Step, string Message);
}
