namespace TaaS.EndToEnd.Tests;

/// <summary>Bad input ends in one clear line and a non-zero code, never in a stack trace.</summary>
[Trait("Category", "process")]
public sealed class BadInputTests
{
    [Theory]
    [InlineData("spec.replicas.worker.count=two", "spec.replicas.worker.count")]
    [InlineData("spec.epochs=0", "spec.epochs")]
    [InlineData("spec.colour=red", "spec.colour")]
    [InlineData("spec.optimizer.learningRate=fast", "spec.optimizer.learningRate")]
    public async Task Train_WrongField_NamesItsPath(string setting, string path)
    {
        using var place = new Workplace(32, 32);
        var run = await TaasCommand.RunAsync(place.Folder, "train", place.JobFile, "--set", setting);
        AssertRefused(run, 2, path);
        Assert.False(Directory.Exists(place.RunFolder()), "a refused job must start nothing");
    }

    [Fact]
    public async Task Train_NoSuchJobFile_SaysSo()
    {
        using var place = new Workplace(32, 32);
        AssertRefused(await TaasCommand.RunAsync(place.Folder, "train", "nowhere.yaml"), 4, "nowhere.yaml");
    }

    [Fact]
    public async Task Train_WrongFlag_SaysSo()
    {
        using var place = new Workplace(32, 32);
        AssertRefused(await TaasCommand.RunAsync(place.Folder, "train", place.JobFile, "--loacl"), 2, "--loacl");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Train_DataMissing_NamesTheFile(bool local)
    {
        using var place = new Workplace(32, 32);
        File.Delete(Path.Combine(place.DataFolder, "train-labels-idx1-ubyte"));
        AssertRefused(await TrainAsync(place, local), 4, "train-labels-idx1-ubyte");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Train_DataTruncated_NamesTheFile(bool local)
    {
        using var place = new Workplace(32, 32);
        var file = Path.Combine(place.DataFolder, "train-images-idx3-ubyte");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..1000]);
        AssertRefused(await TrainAsync(place, local), 4, "train-images-idx3-ubyte");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Train_LabelOutOfRange_NamesFileAndLabel(bool local)
    {
        using var place = new Workplace(32, 32);
        var file = Path.Combine(place.DataFolder, "train-labels-idx1-ubyte");
        var labels = File.ReadAllBytes(file);
        labels[^1] = 77;
        File.WriteAllBytes(file, labels);
        AssertRefused(await TrainAsync(place, local), 4, "77");
    }

    [Fact]
    public async Task Eval_CheckpointCorrupt_SaysSo()
    {
        using var place = new Workplace(32, 32);
        var file = Path.Combine(place.Folder, "broken.safetensors");
        File.WriteAllBytes(file, [255, 255, 255, 255, 255, 255, 255, 127, 1, 2, 3]);
        AssertRefused(await TaasCommand.RunAsync(place.Folder, "eval", place.JobFile, "--checkpoint", file), 4, "broken.safetensors");
    }

    private static Task<CommandResult> TrainAsync(Workplace place, bool local) => local
        ? TaasCommand.RunAsync(place.Folder, "train", place.JobFile, "--local")
        : TaasCommand.RunAsync(place.Folder, "train", place.JobFile);

    private static void AssertRefused(CommandResult run, int code, string mention)
    {
        Assert.True(run.ExitCode == code, $"expected exit code {code}, got {run.ExitCode}\n{run.Output}\n{run.Errors}");
        Assert.Contains(mention, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }
}
