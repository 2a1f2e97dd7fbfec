namespace TaaS.Runtime;

/// <summary>Speaks to the process that started this role, or to a human where there is none.</summary>
internal sealed class RoleReporter : IProgress<TrainingProgress>
{
    private readonly TextWriter _output;
    private readonly Lock _lock = new();

    /// <summary>Writes messages to a stream.</summary>
    public RoleReporter(TextWriter output) => _output = output;

    /// <summary>Sends a message; one that nobody reads any more is dropped.</summary>
    public void Send(RoleMessage message)
    {
        lock (_lock)
        {
            try
            {
                _output.WriteLine(message.ToLine());
                _output.Flush();
            }
            catch (IOException)
            {
                // The reader is gone; the stop signal that follows from that ends this role.
            }
        }
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value) => Send(new RoleMessage { Kind = RoleMessageKind.Progress, Progress = value });
}
