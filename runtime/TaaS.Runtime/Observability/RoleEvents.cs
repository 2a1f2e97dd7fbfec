using Microsoft.Extensions.Logging;

namespace TaaS.Runtime.Observability;

/// <summary>What roles write into their logs.</summary>
internal static partial class RoleEvents
{
    [LoggerMessage(1, LogLevel.Information, "{Line}")]
    public static partial void Server(this ILogger log, string line);

    [LoggerMessage(3, LogLevel.Warning, "{Line}")]
    public static partial void Summaries(this ILogger log, string line);

    [LoggerMessage(4, LogLevel.Warning, "{Line}")]
    public static partial void Straggler(this ILogger log, string line);

    [LoggerMessage(5, LogLevel.Information, "worker-{Worker} keeps up again: {Own:F0} ms a step of its own, where the others need {Others:F0} ms")]
    public static partial void KeepsUp(this ILogger log, int worker, double own, double others);

    [LoggerMessage(6, LogLevel.Warning, "no metrics and health over HTTP: {Why}")]
    public static partial void NoEndpoint(this ILogger log, string why);
}
