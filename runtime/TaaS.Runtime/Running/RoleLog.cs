namespace TaaS.Runtime;

/// <summary>The log of one role: a line for each thing that happened, with its time. Safe for many threads.</summary>
internal sealed class RoleLog : IDisposable
{
    private readonly StreamWriter _file;
    private bool _isClosed;

    /// <summary>Opens the file; what a role wrote that was here before stays.</summary>
    public RoleLog(string path) => _file = new StreamWriter(path, append: true) { AutoFlush = true };

    /// <summary>Writes a line; one that comes after the end is dropped.</summary>
    public void Write(string line)
    {
        lock (_file)
        {
            if (!_isClosed)
            {
                _file.WriteLine($"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}  {line}");
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
