using System.Net;
using System.Net.Sockets;

namespace TaaS.EndToEnd.Tests.Programs;

/// <summary>The examples of programs of one's own, in every way a user may start them.</summary>
[Trait("Category", "process")]
[Collection(Checkout.Collection)]
public sealed class ExampleTests(Checkout checkout)
{
    private static readonly string Job = Checkout.Example("custom-worker", "job.yaml");

    [Fact]
    public void CustomWorker_IsShort() =>
        Assert.InRange(File.ReadLines(Checkout.Example("custom-worker", "Program.cs")).Count(), 1, 60);

    [Theory]
    [InlineData("custom-worker", "async")]
    [InlineData("single-file", "sync")]
    public async Task Train_JobFileWithAPath_BuildsOnceAndLearns(string example, string mode)
    {
        using var place = new ProgramPlace();
        var job = Checkout.Example(example, "job.yaml");

        var first = await TaasCommand.RunWithAsync(place.Folder, checkout.Variables, "train", job);
        var second = await TaasCommand.RunWithAsync(place.Folder, checkout.Variables, "train", job, "--local", "--name", "alone");

        AssertTrained(first, place, example, mode, servers: 1, workers: 2);
        AssertTrained(second, place, "alone", "local", servers: 0, workers: 1);
        Assert.DoesNotContain("building", second.Output, StringComparison.Ordinal);
        var eval = await TaasCommand.RunWithAsync(place.Folder, checkout.Variables, "eval", job, "--checkpoint", place.Checkpoint("alone"));
        eval.AssertSucceeded();
        Assert.StartsWith(FormattableString.Invariant($"test accuracy {place.Result("alone").GetProperty("testAccuracy").GetDouble():F4}, "), eval.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CustomWorker.dll")]
    [InlineData("CustomWorker")]
    public async Task Train_PathOfABuiltProgram_RunsIt(string file)
    {
        using var place = new ProgramPlace();
        var built = Path.Combine(Path.GetDirectoryName(await BuildAsync(place))!, file);

        var run = await TaasCommand.RunWithAsync(place.Folder, checkout.Variables, "train", Job, "--set", $"spec.program.path={built}");

        AssertTrained(run, place, "custom-worker", "async", servers: 1, workers: 2);
        Assert.DoesNotContain("building", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("local", 0, 1, "--local")]
    [InlineData("sync", 1, 2, "--set", "spec.update.mode=sync")]
    public async Task Program_StartedByItselfWithAJobFile_Trains(string mode, int servers, int workers, params string[] options)
    {
        using var place = new ProgramPlace();
        var program = await BuildAsync(place);

        var run = await RunProgramAsync(place, ["dotnet", program, Job, .. options]);

        AssertTrained(run, place, "custom-worker", mode, servers, workers);
        var eval = await RunProgramAsync(place, ["dotnet", program, "eval", Job, "--checkpoint", place.Checkpoint("custom-worker")]);
        eval.AssertSucceeded();
        Assert.StartsWith("test accuracy 0.9", eval.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_PlacedByTheEnvironment_IsOneRoleOverTcp()
    {
        using var place = new ProgramPlace();
        var program = await BuildAsync(place);
        var cluster = $$"""{"ps":["127.0.0.1:{{FreePort()}}"],"worker":["127.0.0.1:1","127.0.0.1:2"]}""";

        using var server = StartRole(place, program, cluster, "ps", 0);
        using var chief = StartRole(place, program, cluster, "worker", 0);
        using var other = StartRole(place, program, cluster, "worker", 1);

        var ends = await Task.WhenAll(new[] { server, chief, other }.Select(role => role.WaitAsync(TaasCommand.TimeLimit)));
        Assert.All(ends, end => end.AssertSucceeded());
        Assert.Matches(@"info worker-0( step \d+)?: finished after \d+ samples in .* s, test accuracy 0\.9", ends[1].Errors);
        Assert.True(File.Exists(Path.Combine(place.Folder, "checkpoint.safetensors")), "the chief saves into the run folder");
    }

    [Theory]
    [InlineData]
    [InlineData("--local")]
    public async Task Program_Interrupted_SavesACheckpointAndSaysHowToGoOn(params string[] options)
    {
        using var place = new ProgramPlace();
        var program = await BuildAsync(place);
        // Whoever runs the tests in the background hands on that SIGINT is ignored; a user's terminal does not.
        using var run = TaasCommand.StartProgram(place.Folder, ["env", "--default-signal=INT", "dotnet", program, Job, "--set", "spec.epochs=100000", .. options]);
        await run.WaitForFileAsync(Path.Combine(place.Run("custom-worker"), "metrics.jsonl"), "testLoss");

        run.Interrupt();

        (await run.WaitAsync(TaasCommand.TimeLimit)).AssertRefused(130, $"spirals: interrupted; go on from here with --resume {place.Checkpoint("custom-worker")}");
        (await RunProgramAsync(place, ["dotnet", program, "eval", Job, "--checkpoint", place.Checkpoint("custom-worker")])).AssertSucceeded();
    }

    [Theory]
    [InlineData("no job file was given")]
    [InlineData("'--loacl' is no option here", "job.yaml", "--loacl")]
    [InlineData("--name needs", "job.yaml", "--name")]
    [InlineData("nowhere.yaml does not exist", "nowhere.yaml")]
    public async Task Program_WrongCommandLine_SaysWhatIsWrong(string mention, params string[] arguments)
    {
        using var place = new ProgramPlace();
        var run = await RunProgramAsync(place, ["dotnet", await BuildAsync(place), .. arguments]);
        run.AssertRefused(2, mention);
    }

    /// <summary>The custom worker's assembly, as <c>taas train</c> builds and keeps it.</summary>
    private async Task<string> BuildAsync(ProgramPlace place)
    {
        if (BuiltPrograms() is not [var program, ..])
        {
            (await TaasCommand.RunWithAsync(place.Folder, checkout.Variables, "train", Job, "--local", "--name", "build", "--set", "spec.epochs=1")).AssertSucceeded();
            program = BuiltPrograms()[0];
        }

        return program;
    }

    private string[] BuiltPrograms() => [.. Directory.GetFiles(checkout.Cache, "CustomWorker.dll", SearchOption.AllDirectories).Where(file => file.Contains("/out-", StringComparison.Ordinal))];

    private static TaasCommand StartRole(ProgramPlace place, string program, string cluster, string type, int index) => TaasCommand.StartProgram(
        place.Folder,
        ["dotnet", program],
        ("TAAS_CONFIG", $$$"""{"cluster":{{{cluster}}},"task":{"type":"{{{type}}}","index":{{{index}}}}}"""),
        ("TAAS_JOB", Job),
        ("TAAS_RUN_FOLDER", place.Folder),
        ("TAAS_SECRET", "a secret of the job"),
        ("TAAS_CPU_THREADS", "1"));

    private static async Task<CommandResult> RunProgramAsync(ProgramPlace place, string[] command)
    {
        using var program = TaasCommand.StartProgram(place.Folder, command);
        return await program.WaitAsync(TaasCommand.TimeLimit);
    }

    private static void AssertTrained(CommandResult run, ProgramPlace place, string name, string mode, int servers, int workers)
    {
        run.AssertSucceeded();
        Assert.Equal("", run.Errors);
        var result = place.Result(name);
        Assert.True(result.GetProperty("testAccuracy").GetDouble() > 0.9, result.GetRawText());
        Assert.Equal((mode, servers, workers), (result.GetProperty("updateMode").GetString(), result.GetProperty("ps").GetInt32(), result.GetProperty("workers").GetInt32()));
        Assert.True(File.Exists(place.Checkpoint(name)));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
