using System.Text.Json;
using System.Xml.Linq;
using TaaS.Operator.Tests;

namespace TaaS.EndToEnd.Tests;

/// <summary><c>taas sim</c> on the example traces. Lost otherwise: an admin who cannot try a quota before setting it.</summary>
[Trait("Category", "process")]
public sealed class SimulationTests
{
    private static readonly string Recorded = Path.Combine(TestSettings.Root, "scheduler", "examples", "recorded.yaml");

    [Fact]
    public async Task Sim_ComparesPolicies_AndDraws()
    {
        using var place = new Workplace(32, 32);

        var run = await TaasCommand.RunAsync(place.Folder, "sim", Recorded, "--policy", "fifo,fair+backfill", "--svg", "use.svg");

        run.AssertSucceeded();
        var rows = run.Output.Split('\n').Where(line => line.Contains('│', StringComparison.Ordinal)).Select(line => line.Split('│', StringSplitOptions.TrimEntries)[1..^1]).ToArray();
        Assert.Equal(["", "fifo", "fair+backfill"], rows[0]);
        Assert.Equal(["jobs finished", "4", "4"], rows[1]);
        Assert.Contains(rows, row => row[0] == "production: wait, mean");
        var picture = XDocument.Load(Path.Combine(place.Folder, "use.svg"));
        Assert.Equal("svg", picture.Root!.Name.LocalName);
        Assert.Equal(4, picture.Descendants().Count(element => element.Name.LocalName == "polyline"));
    }

    [Fact]
    public async Task Sim_AsJson_HasEveryFigure()
    {
        using var place = new Workplace(32, 32);

        var run = await TaasCommand.RunAsync(place.Folder, "sim", Recorded, "--json", "--policy", "fair", "--run-times", "learnt");

        run.AssertSucceeded();
        var result = JsonDocument.Parse(run.Output).RootElement.GetProperty("results")[0];
        Assert.Equal(("fair", 4, 1), (result.GetProperty("policy").GetString(), result.GetProperty("finished").GetInt32(), result.GetProperty("lostToNodes").GetInt32()));
        Assert.InRange(result.GetProperty("gpuUtilisation").GetDouble(), 0.1, 1);
        Assert.Equal(["production", "research"], result.GetProperty("queues").EnumerateArray().Select(queue => queue.GetProperty("name").GetString()!));
    }

    [Theory]
    [InlineData("trace file ", "nowhere.yaml")]
    [InlineData("--policy: expected fifo or fair, then +backfill, +spread or both, such as fair+backfill, got lifo", "trace.yaml", "--policy", "lifo")]
    [InlineData("--run-times: expected one of declared, learnt, exact, unknown, got guessed", "trace.yaml", "--run-times", "guessed")]
    [InlineData("spec.nodes[0].count: expected a whole number from 1 to 100000, got 0 (line 8)", "wrong.yaml")]
    [InlineData("the trace file holds 0 documents of kind SimulationTrace, expected one", "job.yaml")]
    [InlineData("queues.yaml does not exist", "files.yaml")]
    public async Task Sim_OfSomethingWrong_SaysSoInOneLine(string mention, params string[] arguments)
    {
        using var place = new Workplace(32, 32);
        var trace = await File.ReadAllTextAsync(Recorded);
        File.WriteAllText(Path.Combine(place.Folder, "trace.yaml"), trace);
        File.WriteAllText(Path.Combine(place.Folder, "wrong.yaml"), trace.Replace("count: 2", "count: 0", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(place.Folder, "files.yaml"), trace.Replace("spec:\n  nodes:", "spec:\n  files: [queues.yaml]\n  nodes:", StringComparison.Ordinal));

        (await TaasCommand.RunAsync(place.Folder, ["sim", .. arguments])).AssertRefused(2, mention);
    }
}
