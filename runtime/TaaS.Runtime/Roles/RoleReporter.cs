using TaaS.Runtime.Observability;

namespace TaaS.Runtime;

/// <summary>Speaks to the process that started this role, or to people where there is none: to those who read a container's log.</summary>
internal sealed class RoleReporter : IProgress<TrainingProgress>
{
    private readonly TextWriter _output;
    private readonly Func<RoleMessage, string> _line;
    private readonly Lock _lock = new();

    private RoleReporter(TextWriter output, Func<RoleMessage, string> line) => (_output, _line) = (output, line);

    /// <summary>Writes messages as a supervisor reads them.</summary>
    public static RoleReporter ToSupervisor(TextWriter output) => new(output, static message => message.ToLine());

    /// <summary>Writes messages as lines of a log.</summary>
    /// <param name="role">Name of the role, such as <c>worker-1</c>.</param>
    /// <param name="output">Takes the lines.</param>
    /// <param name="format">How they are written.</param>
    public static RoleReporter ToLog(string role, TextWriter output, LogFormat format) =>
        new(output, message => format.Line(TimeProvider.System.GetUtcNow(), message.Importance, role, message.At, message.Describe()));

    /// <summary>Sends a message; one that nobody reads any more is dropped.</summary>
    public void Send(RoleMessage message)
    {
        lock (_lock)
        {
            try
            {
                _output.WriteLine(_line(message));
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
