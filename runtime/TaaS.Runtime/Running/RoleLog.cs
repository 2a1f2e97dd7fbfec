using Microsoft.Extensions.Logging;
using TaaS.Runtime.Observability;

namespace TaaS.Runtime;

/// <summary>The log of one role: a line for each thing that happened, with its time, level, role and step. Safe for many threads.</summary>
internal sealed class RoleLog : IDisposable
{
    private readonly StreamWriter _file;
    private readonly string _role;
    private readonly LogFormat _format;
    private long? _step;
    private bool _isClosed;

    /// <summary>Opens the file; what an earlier start of the role wrote stays.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="role">Name of the role, such as <c>worker-1</c>.</param>
    /// <param name="format">How lines are written.</param>
    public RoleLog(string path, string role, LogFormat format) => (_file, _role, _format) = (new StreamWriter(path, append: true) { AutoFlush = true }, role, format);

    /// <summary>Writes what the role said to its supervisor.</summary>
    public void Write(RoleMessage message) => Write(message.Importance, message.Describe(), message.At);

    /// <summary>Writes a line; one that comes after the end is dropped.</summary>
    /// <param name="level">How much it matters.</param>
    /// <param name="text">What happened.</param>
    /// <param name="step">At which step, counted over all epochs; null takes that of the line before.</param>
    public void Write(LogLevel level, string text, long? step = null)
    {
        lock (_file)
        {
            if (!_isClosed)
            {
                _step = step ?? _step;
                _file.WriteLine(_format.Line(TimeProvider.System.GetUtcNow(), level, _role, _step, text));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_file)
        {
            _isClosed = true;
            _file.Dispose();
        }
    }
}
