using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace TaaS.Benchmarks.Distributed.Processes;

/// <summary>
/// The other side of a measurement in a process of its own: this program with other arguments. It answers a line with a line,
/// and ends when its standard input does, so that it cannot outlive us.
/// </summary>
internal sealed class PeerProcess : IDisposable
{
    /// <summary>Environment variable with the secret of the run.</summary>
    internal const string SecretVariable = "TAAS_SECRET";

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly string _name;

    private PeerProcess(Process process, string name) => (_process, _name) = (process, name);

    /// <summary>Starts this program as a peer.</summary>
    /// <param name="arguments">Arguments of <c>peer</c>, the first its kind.</param>
    /// <param name="secret">Secret of the run.</param>
    internal static PeerProcess Start(IEnumerable<string> arguments, string secret)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(PeerProcess).Assembly.Location, "peer", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment[SecretVariable] = secret;
        try
        {
            return new PeerProcess(Process.Start(start)!, string.Join(' ', arguments.Take(2)));
        }
        catch (Win32Exception error)
        {
            throw new BenchmarkException($"cannot start a peer by 'dotnet': {error.Message}");
        }
    }

    /// <summary>Says something.</summary>
    internal void Tell(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            throw Ended();
        }
    }

    /// <summary>Waits for a line.</summary>
    internal string Hear()
    {
        var line = _process.StandardOutput.ReadLineAsync();
        if (!line.Wait(AnswerLimit))
        {
            throw new BenchmarkException($"the peer '{_name}' said nothing for {AnswerLimit.TotalSeconds:0} s");
        }

        return line.Result ?? throw Ended();
    }

    /// <summary>Asks and reads the answer.</summary>
    internal T Ask<T>(string line)
    {
        Tell(line);
        return JsonSerializer.Deserialize<T>(Hear())!;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(EndLimit))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private BenchmarkException Ended()
    {
        _process.WaitForExit(EndLimit);
        return new BenchmarkException(_process.HasExited
            ? string.Create(CultureInfo.InvariantCulture, $"the peer '{_name}' ended with exit code {_process.ExitCode}; what it said is above")
            : $"the peer '{_name}' closed its output");
    }
}
