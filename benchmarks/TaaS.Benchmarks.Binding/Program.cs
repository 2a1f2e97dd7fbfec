using System.CommandLine;
using System.Globalization;
using TaaS.Kubernetes;

namespace TaaS.Benchmarks.Binding;

/// <summary><c>binding</c>: binds a second on the cluster that KUBECONFIG names.</summary>
internal static class Program
{
    private const int Failed = 1;
    private const int Usage = 2;

    private static async Task<int> Main(string[] arguments)
    {
        var gangs = WholeNumber.Option("--gangs", "Gangs in a round.", 50, 10_000);
        var pods = WholeNumber.Option("--pods", "Pods of a gang.", 10, 10_000);
        var rounds = WholeNumber.Option("--rounds", "Rounds of each scheduler, in turn, after one that does not count.", 5, 1000);
        var path = new Option<string>("--operator") { Description = "The operator's assembly.", HelpName = "FILE", Required = true };
        var command = new Command("binding", "Binds a second of the operator, gang by gang, and of kube-scheduler on the same pods.") { gangs, pods, rounds, path };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(path)!, new Load(parsed.GetValue(gangs), parsed.GetValue(pods)), parsed.GetValue(rounds), cancel));
        var parsed = new RootCommand("Measures binding.") { command }.Parse(arguments);
        return parsed.Errors.Count > 0 ? Say($"{parsed.Errors[0].Message} (see ./taas bench binding --help)", Usage) : await parsed.InvokeAsync();
    }

    private static async Task<int> RunAsync(string path, Load load, int rounds, CancellationToken cancel)
    {
        try
        {
            using var connection = ApiConnection.Open();
            var client = new ApiClient(connection);
            Console.WriteLine($"API server {await client.VersionAsync(cancel)}, {Environment.ProcessorCount} processors; {load.Gangs} gangs of {load.Pods} pods");
            await using var bench = await BindingBench.OpenAsync(client, path, load, cancel);
            var (ours, theirs) = (new List<double>(), new List<double>());
            for (var round = 0; round <= rounds; round++)
            {
                var (gangs, pods) = (await bench.BindGangsAsync(round, cancel), await bench.BindByKubeSchedulerAsync(cancel));
                Console.WriteLine(Line(round == 0 ? "warm-up" : $"round {round}", gangs, pods));
                if (round > 0)
                {
                    ours.Add(gangs);
                    theirs.Add(pods);
                }
            }

            Console.WriteLine(Line("median", Median(ours), Median(theirs)));
            return 0;
        }
        catch (Exception error) when (error is ApiException or ApiConfigurationException or BenchException)
        {
            return Say(error.Message, Failed);
        }
    }

    private static string Line(string name, double ours, double theirs) =>
        string.Create(CultureInfo.InvariantCulture, $"{name,-8}  operator {ours,6:0} binds/s   kube-scheduler {theirs,6:0} binds/s   ratio {ours / theirs:0.00}");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static int Say(string message, int code)
    {
        Console.Error.WriteLine($"bench: {message}");
        return code;
    }
}

/// <summary>What a round binds.</summary>
/// <param name="Gangs">How many gangs.</param>
/// <param name="Pods">Pods of each.</param>
internal sealed record Load(int Gangs, int Pods);

/// <summary>A round could not be measured; the message says why.</summary>
internal sealed class BenchException(string message) : Exception(message);
