using Microsoft.Extensions.Logging;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;

namespace TaaS.Runtime.Observability;

/// <summary>The log of the role that this process is: adds the step in progress and hands each line on.</summary>
internal sealed class RoleLogger : ILogger, ITrainingObserver
{
    private readonly Action<LogLevel, string, long?> _write;
    private long _step = -1;

    /// <summary>Makes a log.</summary>
    /// <param name="write">Takes each line: how much it matters, what happened, and at which step, counted over all epochs, or null before the first.</param>
    public RoleLogger(Action<LogLevel, string, long?> write) => _write = write;

    /// <summary>The log of a role in a process of its own.</summary>
    public static RoleLogger Of(RoleReporter reporter) =>
        new((level, text, step) => reporter.Send(new RoleMessage { Kind = RoleMessageKind.Log, Level = level, Step = step, Text = text }));

    /// <inheritdoc/>
    public void Begin(Module model, IDataset samples, long step) => Volatile.Write(ref _step, step);

    /// <inheritdoc/>
    public void Step(long step, int samples) => Volatile.Write(ref _step, step);

    /// <inheritdoc/>
    public void EndEpoch(EpochView epoch)
    {
    }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var step = Volatile.Read(ref _step);
        _write(logLevel, exception is null ? formatter(state, null) : $"{formatter(state, exception)}: {exception.Message}", step < 0 ? null : step);
    }
}
