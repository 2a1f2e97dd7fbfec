using System.Diagnostics;

namespace TaaS.Containers.Tests;

/// <summary>A command of this machine, run to its end.</summary>
internal static class Tool
{
    /// <summary>Runs it with a limit of time.</summary>
    /// <exception cref="TimeoutException">It did not end; it was killed.</exception>
    public static async Task<CommandResult> RunAsync(string file, IEnumerable<string> arguments, TimeSpan limit, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var timer = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(timer.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{file} {string.Join(' ', start.ArgumentList)} did not end within {limit}");
        }

        return new CommandResult(process.ExitCode, await output, await errors);
    }

    /// <summary>True if the command is installed.</summary>
    public static bool Exists(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, name)));
}
