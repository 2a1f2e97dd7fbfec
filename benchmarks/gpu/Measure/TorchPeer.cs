using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using TaaS.Benchmarks.Operations;

namespace TaaS.Benchmarks.Gpu.Measure;

/// <summary>
/// PyTorch in a process of its own (torch_peer.py), which does one thing at a time and only when asked: a JSON object a line each way.
/// An answer with "error" tells why something was not done.
/// </summary>
internal sealed class TorchPeer : IDisposable
{
    /// <summary>Operations called one by one.</summary>
    internal const string Eager = "eager";

    /// <summary>A CUDA graph of them, replayed.</summary>
    internal const string Graph = "graph";

    // Loading PyTorch, or trying all its convolution algorithms, may take a minute.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private string? _gone;

    private TorchPeer(Process process) => _process = process;

    /// <summary>PyTorch and what it runs on, in one line.</summary>
    internal string Description { get; private set; } = "";

    /// <summary>Starts it.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <exception cref="PeerException">It does not start, or has no PyTorch or no GPU.</exception>
    internal static TorchPeer Start(IReadOnlyList<string> command)
    {
        Process? process;
        try
        {
            process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true });
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new PeerException($"{command[0]} does not start: {error.Message}");
        }

        var peer = new TorchPeer(process ?? throw new PeerException($"{command[0]} does not start"));
        try
        {
            peer.Description = (string)peer.Ask(new JsonObject { ["do"] = "hello" })["description"]!;
            return peer;
        }
        catch (PeerException)
        {
            peer.Dispose();
            throw;
        }
    }

    /// <summary>Makes the operands of an operation and finds out how many runs a sample takes.</summary>
    /// <returns>True where it can also be replayed from a graph; else the problem says why not.</returns>
    /// <exception cref="PeerException">It has no such operation, or fails.</exception>
    internal bool Prepare(Operation operation, int copies, TimeSpan sample, out string? problem)
    {
        var answer = Ask(new JsonObject
        {
            ["do"] = "prepare",
            ["key"] = operation.Key,
            ["sizes"] = new JsonArray([.. operation.Sizes.Select(size => (JsonNode)size)]),
            ["type"] = operation.Type,
            ["copies"] = copies,
            ["sample"] = sample.TotalSeconds,
        });
        problem = (string?)answer["problem"];
        return (bool)answer["graph"]!;
    }

    /// <summary>Seconds of one run.</summary>
    /// <exception cref="PeerException">It fails.</exception>
    internal double Seconds(string mode) => (double)Ask(new JsonObject { ["do"] = "time", ["mode"] = mode })["seconds"]!;

    /// <summary>Operations a second of PyTorch's largest matrix product of that type.</summary>
    /// <exception cref="PeerException">It fails.</exception>
    internal double Peak(string type) => (double)Ask(new JsonObject { ["do"] = "peak", ["type"] = type })["flops"]!;

    /// <summary>Frees the operands.</summary>
    internal void Release()
    {
        if (_gone is null)
        {
            Ask(new JsonObject { ["do"] = "release" });
        }
    }

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private JsonNode Ask(JsonObject question)
    {
        if (_gone is not null)
        {
            throw new PeerException(_gone);
        }

        string? line;
        try
        {
            _process.StandardInput.WriteLine(question.ToJsonString());
            _process.StandardInput.Flush();
            using var limit = new CancellationTokenSource(Limit);
            line = _process.StandardOutput.ReadLineAsync(limit.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            line = null;
        }

        if (line is null)
        {
            // A late answer would be taken for that of the next question.
            _gone = $"PyTorch's process ended or gave no answer within {Limit.TotalMinutes} minutes, asked to {question["do"]} {question["key"]}".TrimEnd();
            throw new PeerException(_gone);
        }

        try
        {
            var answer = JsonNode.Parse(line) ?? throw new PeerException("PyTorch's process answered nothing");
            return (string?)answer["error"] is { } problem ? throw new PeerException(problem) : answer;
        }
        catch (JsonException)
        {
            throw new PeerException($"PyTorch's process answered '{line}'");
        }
    }
}
