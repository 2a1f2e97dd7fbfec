using System.Diagnostics;

namespace TaaS.Runtime.Programs;

/// <summary>A process that is run to its end, or until what it prints is enough.</summary>
internal static class ChildProcess
{
    /// <summary>Runs a process, and reads what it prints.</summary>
    /// <param name="start">What to start; its streams are redirected here, and its standard input is empty.</param>
    /// <param name="isEnough">Told each line of standard output; true ends the process at once.</param>
    /// <param name="cancel">Ends the process.</param>
    /// <returns>Exit code, and the lines of both streams. A process ended because of a line has the code −1.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the process is gone.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    public static async Task<(int Code, List<string> Output, List<string> Errors)> RunAsync(ProcessStartInfo start, Func<string, bool> isEnough, CancellationToken cancel)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var (output, errors) = (new Head(), new Head());
            var reading = ReadAsync(process.StandardError, errors, static _ => false, cancel);
            if (await ReadAsync(process.StandardOutput, output, isEnough, cancel))
            {
                return (-1, output.Lines, errors.Lines);
            }

            await reading;
            await process.WaitForExitAsync(cancel);
            return (process.ExitCode, output.Lines, errors.Lines);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<bool> ReadAsync(StreamReader reader, Head lines, Func<string, bool> isEnough, CancellationToken cancel)
    {
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            lines.Add(line);
            if (isEnough(line))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The first lines of what may have no end.</summary>
    private sealed class Head
    {
        private const int Most = 1_000;

        public List<string> Lines { get; } = [];

        public void Add(string line)
        {
            if (Lines.Count < Most)
            {
                Lines.Add(line);
            }
        }
    }
}
