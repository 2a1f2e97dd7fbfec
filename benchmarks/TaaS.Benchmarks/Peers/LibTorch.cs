using TaaS.Benchmarks.Operations;
using TorchSharp;

namespace TaaS.Benchmarks.Peers;

/// <summary>libtorch on the CPU, through TorchSharp.</summary>
internal static class LibTorch
{
    private static readonly Lazy<string?> Problem = new(Load);

    /// <summary>Does nothing where libtorch runs.</summary>
    /// <exception cref="PeerException">It does not.</exception>
    internal static void Require()
    {
        if (Problem.Value is { } why)
        {
            throw new PeerException(why);
        }
    }

    /// <summary>Threads of the calls that follow; nothing where libtorch does not run.</summary>
    internal static void SetThreads(int threads)
    {
        if (Problem.Value is null)
        {
            torch.set_num_threads(threads);
        }
    }

    /// <summary>The same numbers as every contender has.</summary>
    internal static torch.Tensor Tensor(int seed, int[] shape)
    {
        long[] lengths = [.. shape.Select(length => (long)length)];
        return torch.tensor(Inputs.Values(lengths.Aggregate(1L, (a, b) => a * b), seed), lengths);
    }

    private static string? Load()
    {
        try
        {
            var folder = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
            if (!File.Exists(Path.Combine(folder, "libtorch_cpu.so")))
            {
                return "libtorch is not part of this build; './taas bench' brings it on Linux x64";
            }

            GlibcxxNeed.Relax(Path.Combine(folder, "libLibTorchSharp.so"));
            torch.InitializeDeviceType(DeviceType.CPU);
            using var one = torch.ones(1);
            return null;
        }
        catch (Exception error) when (error is DllNotFoundException or NotSupportedException or TypeInitializationException or EntryPointNotFoundException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return $"libtorch does not load here: {(error.InnerException ?? error).Message.ReplaceLineEndings(" ")}";
        }
    }
}
