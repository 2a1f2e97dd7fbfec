using System.Text.Json;
using TaaS.Benchmarks.Distributed.Content;

namespace TaaS.Benchmarks.Distributed.Processes;

/// <summary>A peer's own side: it says where it listens, then answers questions until its standard input ends.</summary>
internal static class PeerConversation
{
    /// <summary>Question for <see cref="PeerUsage"/>.</summary>
    internal const string Usage = "usage";

    /// <summary>Question, followed by a number of elements, for the median seconds of an update of that many.</summary>
    internal const string Update = "update";

    /// <summary>Answers until the end.</summary>
    internal static void Hold(string first)
    {
        Say(first);
        while (Console.In.ReadLine() is { } line)
        {
            var words = line.Split(' ');
            Say(words[0] switch
            {
                Usage => JsonSerializer.Serialize(PeerUsage.Current),
                Update => JsonSerializer.Serialize(UpdateCost.Measure(int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture))),
                _ => throw new BenchmarkException($"a peer cannot answer '{line}'"),
            });
        }
    }

    internal static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
