using Microsoft.Extensions.Logging;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;

namespace TaaS.Runtime.Observability;

/// <summary>The log of the role that this process is: adds the step in progress and hands each line on.</summary>
internal sealed class RoleLogger : ILogger, ITrainingObserver
{
    private readonly Action<RoleMessage> _send;
    private long _step = -1;

    /// <summary>Makes a log.</summary>
    /// <param name="send">Takes each line, with the step in progress, or none before the first.</param>
    public RoleLogger(Action<RoleMessage> send) => _send = send;

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
        var text = exception is null ? formatter(state, null) : $"{formatter(state, exception)}: {exception.Message}";
        _send(new RoleMessage { Kind = RoleMessageKind.Log, Level = logLevel, Step = step < 0 ? null : step, Text = text });
    }
}
