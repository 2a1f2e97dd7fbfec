using System.Diagnostics;

namespace TaaS.Benchmarks.Binding;

/// <summary>The operator as a process of its own, for one namespace.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private OperatorProcess(Process process) => _process = process;

    /// <summary>Starts it, and waits until it knows the cluster.</summary>
    public static async Task<OperatorProcess> StartAsync(string path, string space, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("dotnet", [path, "--namespace", space, "--own-namespace", space, "--leader-elect", "false", "--metrics-port", "0"]) { RedirectStandardOutput = true };
        var process = Process.Start(start) ?? throw new BenchException("the operator could not be started");
        var running = new OperatorProcess(process);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(StartLimit);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (line.Contains("the cluster is known", StringComparison.Ordinal))
                {
                    // What it says from now on is read, so that it never waits for us, and not kept.
                    _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, cancel);
                    return running;
                }
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Told below.
        }

        await running.DisposeAsync();
        throw new BenchException($"the operator did not come to know the cluster within {StartLimit.TotalSeconds:0} s");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
