using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using TaaS.Benchmarks.Gpu.Measure;
using TaaS.Benchmarks.Operations;

namespace TaaS.Benchmarks.Gpu.Tests;

/// <summary>The talk with PyTorch's process: found broken only on the machine with the GPU, it would cost the run there.</summary>
public sealed class TorchPeerTests
{
    private static readonly Operation Any = OperationCatalog.All(Scale.Tiny)[0];

    [Fact]
    public void Peer_ThatAnswers_GivesItsFigures()
    {
        using var peer = TorchPeer.Start(Scripted("""while read -r question; do echo '{"description": "scripted", "graph": false, "problem": "no graph", "seconds": 0.25, "flops": 3e12}'; done"""));
        Assert.Equal("scripted", peer.Description);
        Assert.False(peer.Prepare(Any, 2, TimeSpan.FromMilliseconds(1), out var problem));
        Assert.Equal("no graph", problem);
        Assert.Equal(0.25, peer.Seconds(TorchPeer.Eager));
        Assert.Equal(3e12, peer.Peak("bf16"));
        peer.Release();
    }

    [Fact]
    public void Peer_ThatCannot_SaysWhy() =>
        Assert.Equal("no GPU", Assert.Throws<PeerException>(() => TorchPeer.Start(Scripted("""read -r question; echo '{"error": "no GPU"}'"""))).Message);

    [Fact]
    public void Peer_ThatEnds_IsNotAskedAgain()
    {
        using var peer = TorchPeer.Start(Scripted("""read -r question; echo '{"description": "short-lived"}'"""));
        Assert.Contains("ended", Assert.Throws<PeerException>(() => peer.Seconds(TorchPeer.Eager)).Message, StringComparison.Ordinal);
        Assert.Contains("ended", Assert.Throws<PeerException>(() => peer.Peak("tf32")).Message, StringComparison.Ordinal);
        peer.Release();
    }

    [Fact]
    public void Peer_ThatIsNotThere_SaysSo() =>
        Assert.Contains("does not start", Assert.Throws<PeerException>(() => TorchPeer.Start(["no-such-interpreter"])).Message, StringComparison.Ordinal);

    [SkippableFact]
    public void PythonSide_KnowsEveryCase_AndTheTalk()
    {
        var start = new ProcessStartInfo("python3", [Script(), "--self-check"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
        }

        Skip.If(process is null, "python3 is not on this machine");
        using (process)
        {
            foreach (var operation in OperationCatalog.All(Scale.Gpu))
            {
                process.StandardInput.WriteLine(JsonSerializer.Serialize(new { key = operation.Key, sizes = operation.Sizes, type = operation.Type }));
            }

            process.StandardInput.Close();
            var said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, said);
        }
    }

    private static string[] Scripted(string script) => ["/bin/sh", "-c", script];

    private static string Script([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../benchmarks/gpu/torch_peer.py");
}
