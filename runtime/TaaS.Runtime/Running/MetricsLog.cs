using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace TaaS.Runtime;

/// <summary>Writes <c>metrics.jsonl</c>, and a role's log where this process is the role, and passes reports on.</summary>
internal sealed class MetricsLog : IProgress<TrainingProgress>, IDisposable
{
    private readonly StreamWriter _file;
    private readonly IProgress<TrainingProgress> _next;
    private readonly RoleLog? _log;

    /// <summary>Opens the file; what is there stays.</summary>
    /// <param name="path">The run's <c>metrics.jsonl</c>.</param>
    /// <param name="next">Who sees each report as well.</param>
    /// <param name="log">Takes a line for each report, or null.</param>
    public MetricsLog(string path, IProgress<TrainingProgress> next, RoleLog? log = null) =>
        (_file, _next, _log) = (new StreamWriter(path, append: true) { AutoFlush = true }, next, log);

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        var entry = new Entry(
            TimeProvider.System.GetUtcNow(),
            value.Role,
            value.Epoch,
            value.Step,
            value.Loss,
            value.ImagesPerSecond,
            value.TestAccuracy,
            value.TestLoss);
        _file.WriteLine(JsonSerializer.Serialize(entry, LineJson.Default.Entry));
        _log?.Write(LogLevel.Information, value.ToString(), value.TotalSteps);
        _next.Report(value);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>One line.</summary>
    internal sealed record Entry(DateTimeOffset Time, string Role, int Epoch, long Step, double Loss, double ImagesPerSecond, double? TestAccuracy, double? TestLoss);
}
