namespace TaaS.EndToEnd.Tests.Programs;

/// <summary>A program that does not build, or is none, ends in one line that says so, and nothing was started.</summary>
[Trait("Category", "process")]
[Collection(Checkout.Collection)]
public sealed class BadProgramTests(Checkout checkout)
{
    [Fact]
    public async Task Train_CompilerErrors_NamesFileLineAndTheFirst()
    {
        using var place = new ProgramPlace();
        place.Write("wrong.cs", """
            var number = 1;
            return numbers + other;
            """);

        var run = await TrainAsync(place, "wrong.cs");

        run.AssertRefused(4, $"spec.program.path: {place.Folder}/wrong.cs does not build: wrong.cs(2,8): error CS0103: The name 'numbers' does not exist in the current context; and 1 more");
        Assert.False(Directory.Exists(place.Run("mine")), "a refused job must start nothing");
    }

    [Fact]
    public async Task Train_AProgramThatNeverCallsTheHost_SaysWhatMainMustDo()
    {
        using var place = new ProgramPlace();
        place.Write("hello.cs", "#:property PublishAot=false\nConsole.WriteLine(\"hello\");");

        (await TrainAsync(place, "hello.cs")).AssertRefused(4, "hello.cs is no training program: it ended without calling TaaSHost.RunAsync");
    }

    [Fact]
    public async Task Train_ALibrary_SaysWhatToSet()
    {
        using var place = new ProgramPlace();
        place.Write("library/Library.csproj", """
            <Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>
            """);

        (await TrainAsync(place, "library")).AssertRefused(4, "Library.csproj builds a library, no program; set OutputType to Exe");
    }

    [Fact]
    public async Task Train_ProgramThatThrows_NamesItsMember()
    {
        using var place = new ProgramPlace();
        place.Write("throws.cs", await File.ReadAllTextAsync(Checkout.Example("single-file", "train.cs")) is var text
            ? text.Replace("new Linear(8, 4, generator, device)", "throw new NotSupportedException(\"no such model\")", StringComparison.Ordinal)
            : "");

        (await TrainAsync(place, "throws.cs")).AssertRefused(1, "the program's BlobProgram.CreateModel failed: NotSupportedException: no such model");
    }

    [Theory]
    [InlineData("nowhere", "nowhere does not exist; a relative path starts at the job file's folder")]
    [InlineData("empty", "empty holds no project")]
    [InlineData("job.yaml", "job.yaml is no program")]
    public async Task Train_NoProgramThere_SaysWhatIs(string path, string mention)
    {
        using var place = new ProgramPlace();
        Directory.CreateDirectory(Path.Combine(place.Folder, "empty"));
        (await TrainAsync(place, path)).AssertRefused(2, $"spec.program.path: {place.Folder}/{mention}");
    }

    [Fact]
    public async Task Train_AnImage_SaysWhereItRuns()
    {
        using var place = new ProgramPlace();
        var job = place.WriteJob("none");
        File.WriteAllText(job, File.ReadAllText(job).Replace("{path: none}", "{image: mine}", StringComparison.Ordinal));

        (await TaasCommand.RunAsync(place.Folder, "train", job)).AssertRefused(2, "spec.program.image: mine runs in containers");
    }

    private Task<CommandResult> TrainAsync(ProgramPlace place, string program) =>
        TaasCommand.RunWithAsync(place.Folder, checkout.Variables, "train", place.WriteJob(program));
}
