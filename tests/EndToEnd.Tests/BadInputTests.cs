namespace TaaS.EndToEnd.Tests;

/// <summary>A wrong command line or job file ends in one clear line and code 2, and nothing was started.</summary>
[Trait("Category", "process")]
public sealed class BadInputTests
{
    [Theory]
    [InlineData("spec.program.example=nothing", "spec.program.example: expected one of fashion-mnist")]
    [InlineData("epochs", "--set epochs: expected FIELD=VALUE")]
    public async Task Train_FieldThatCannotBe_NamesItsPathAndWhatWasExpected(string setting, string mention)
    {
        using var place = new Workplace(32, 32);
        var run = await TaasCommand.RunAsync(place.Folder, "train", place.JobFile, "--set", setting);
        run.AssertRefused(2, mention);
        Assert.False(Directory.Exists(place.RunFolder()), "a refused job must start nothing");
    }

    [Theory]
    [InlineData("--nosuch")]
    [InlineData("-x")]
    public async Task Train_OptionThatDoesNotExist_IsNamed_WhereverItStands(string option)
    {
        using var place = new Workplace(32, 32);
        var mention = $"'{option}' is no command or option here.";
        (await TaasCommand.RunAsync(place.Folder, "train", option, place.JobFile)).AssertRefused(2, mention);
        (await TaasCommand.RunAsync(place.Folder, "train", place.JobFile, option)).AssertRefused(2, mention);
    }

    /// <summary>More GPUs than any machine has, so that the test holds with and without a driver.</summary>
    [Theory]
    [InlineData("train")]
    [InlineData("train", "--local")]
    public async Task Train_DeviceThatIsNotHere_SaysWhyAndStartsNothing(params string[] command)
    {
        using var place = new Workplace(32, 32);
        var run = await TaasCommand.RunAsync(place.Folder, [.. command, place.JobFile, "--set", "spec.device=cuda:999"]);
        run.AssertRefused(3, "spec.device: cuda:999 is not here: ");
        Assert.False(Directory.Exists(place.RunFolder()), "a refused job must start nothing");
    }

    [Fact]
    public async Task Train_WrongFieldsTypesAndUnits_NamesEachPathAndWhatWasExpected()
    {
        using var place = new Workplace(32, 32);
        (string Setting, string Mention)[] wrong =
        [
            ("spec.replicas.worker.count=two", "spec.replicas.worker.count: expected a whole number"),
            ("spec.epochs=0", "spec.epochs: expected a whole number of at least 1"),
            ("spec.colour=red", "spec.colour: unknown field"),
            ("spec.optimizer.learningRate=fast", "spec.optimizer.learningRate: expected a number above 0"),
            ("spec.policy.activeDeadline=6x", "spec.policy.activeDeadline: expected a length of time such as 90s"),
            ("spec.replicas.worker.resources.memory=2Gx", "spec.replicas.worker.resources.memory: expected a Kubernetes quantity"),
            ("spec.data=somewhere", "spec.data: expected a map"),
        ];

        var run = await TaasCommand.RunAsync(place.Folder, ["train", place.JobFile, .. wrong.SelectMany(one => new[] { "--set", one.Setting })]);

        Assert.All(wrong, one => run.AssertRefused(2, one.Mention));
        Assert.False(Directory.Exists(place.RunFolder()), "a refused job must start nothing");
    }

    [Fact]
    public async Task Train_SeveralWrongFieldsInTheFile_NamesEachWithItsLine()
    {
        using var place = new Workplace(32, 32);
        File.WriteAllText(place.JobFile, File.ReadAllText(place.JobFile).Replace("epochs: 1", "epocs: 1", StringComparison.Ordinal).Replace("batchSize: 32", "batchSize: many", StringComparison.Ordinal));

        var run = await TaasCommand.RunAsync(place.Folder, "train", place.JobFile);

        run.AssertRefused(2, "spec.batchSize: expected a whole number of at least 1, got many (line 8)");
        run.AssertRefused(2, "spec.epocs: unknown field; did you mean 'epochs'? (line 7)");
    }

    [Theory]
    [InlineData("spec: {")]
    [InlineData("")]
    public async Task Train_NoYaml_SaysSo(string text)
    {
        using var place = new Workplace(32, 32);
        File.WriteAllText(place.JobFile, text);
        (await TaasCommand.RunAsync(place.Folder, "train", place.JobFile)).AssertRefused(2, "the job file is");
    }

    [Theory]
    [InlineData("nowhere.yaml", "train", "nowhere.yaml")]
    [InlineData("--loacl", "train", "job.yaml", "--loacl")]
    [InlineData("frobnicate", "frobnicate")]
    [InlineData("--checkpoint", "eval", "job.yaml")]
    [InlineData("./taas test", "test")]
    public async Task Command_Wrong_SaysWhatIsWrong(string mention, params string[] arguments)
    {
        using var place = new Workplace(32, 32);
        (await TaasCommand.RunAsync(place.Folder, arguments)).AssertRefused(2, mention);
    }

    [Fact]
    public async Task Train_NameOfARunThatExists_IsRefused()
    {
        using var place = new Workplace(32, 32);
        Directory.CreateDirectory(place.RunFolder("mine"));
        (await TaasCommand.RunAsync(place.Folder, "train", place.JobFile, "--name", "mine")).AssertRefused(1, "exists already");
    }

    [Fact]
    public async Task Role_PortInUse_SaysWhichAndEnds()
    {
        using var place = new Workplace(32, 32);
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var port = ((System.Net.IPEndPoint)other.LocalEndpoint).Port;

        var role = await TaasCommand.RunRoleAsync(
            place.Folder,
            ("TAAS_CONFIG", $$$"""{"cluster":{"ps":["127.0.0.1:{{{port}}}"],"worker":["127.0.0.1:0"]},"task":{"type":"ps","index":0}}"""),
            ("TAAS_JOB", place.JobFile),
            ("TAAS_SECRET", "a secret of the job"));

        role.AssertRefused(1, $"127.0.0.1:{port}");
        role.AssertRefused(1, "in use");
    }

    [Fact]
    public async Task Role_WithoutAPlace_SaysWhatItNeeds()
    {
        using var place = new Workplace(32, 32);
        (await TaasCommand.RunRoleAsync(place.Folder)).AssertRefused(2, "TAAS_CONFIG");
    }
}
