using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace TaaS.Benchmarks.Distributed.Transport;

/// <summary>iperf3's rate of a single TCP stream over loopback, one way: what the machine's network stack gives to C.</summary>
internal static class Iperf
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Version of the program, or null where it is not installed.</summary>
    internal static string? Version
    {
        get
        {
            try
            {
                using var process = Start("--version");
                return process.StandardOutput.ReadToEnd().Split('\n')[0].Split('(')[0].Trim();
            }
            catch (Win32Exception)
            {
                return null;
            }
        }
    }

    /// <summary>Bytes a second over one second.</summary>
    internal static double Measure()
    {
        var port = FreePort().ToString(CultureInfo.InvariantCulture);
        using var server = Start("--server", "--one-off", "--bind", "127.0.0.1", "--port", port, "--forceflush");
        try
        {
            // It says so once it listens.
            while (server.StandardOutput.ReadLine() is { } line && !line.Contains("listening", StringComparison.Ordinal))
            {
            }

            using var client = Start("--client", "127.0.0.1", "--port", port, "--time", "1", "--json");
            var report = client.StandardOutput.ReadToEnd();
            client.WaitForExit(Limit);
            return Rate(report);
        }
        finally
        {
            server.Kill();
            server.WaitForExit();
        }
    }

    /// <summary>Reads the bytes a second that arrived out of a report.</summary>
    /// <exception cref="BenchmarkException">It reports an error.</exception>
    internal static double Rate(string report)
    {
        try
        {
            using var json = JsonDocument.Parse(report);
            return json.RootElement.TryGetProperty("error", out var error)
                ? throw new BenchmarkException($"iperf3: {error.GetString()}")
                : json.RootElement.GetProperty("end").GetProperty("sum_received").GetProperty("bits_per_second").GetDouble() / 8;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException)
        {
            throw new BenchmarkException($"iperf3 gave no report that can be read: {error.Message}");
        }
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("iperf3", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
