using TaaS.Jobs;
using TaaS.Runtime.Programs;

namespace TaaS.Runtime.Tests.Programs;

/// <summary>The command line of a user's program.</summary>
public sealed class HostArgumentsTests
{
    [Theory]
    [InlineData(true, HostCommand.Role)]
    [InlineData(true, HostCommand.Role, "role")]
    [InlineData(false, HostCommand.Role, "role")]
    [InlineData(true, HostCommand.Train, "job.yaml")]
    [InlineData(false, HostCommand.Train, "train", "job.yaml")]
    [InlineData(false, HostCommand.Eval, "eval", "job.yaml", "--checkpoint", "c")]
    [InlineData(false, HostCommand.Help, "job.yaml", "-h")]
    public void Parse_ACommand_IsKnownWithAndWithoutAPlace(bool isPlaced, object command, params string[] arguments) =>
        Assert.Equal(command, HostArguments.Parse(arguments, isPlaced).Command);

    [Fact]
    public void Parse_AllOptions_AreTaken()
    {
        var parsed = HostArguments.Parse(["job.yaml", "--local", "--set", "a=1", "--name", "n", "--set", "b=2", "--resume", "c", "--verbose"], isPlaced: false);

        Assert.Equal(("job.yaml", "n", Path.GetFullPath("c")), (parsed.JobFile, parsed.Name, parsed.Resume));
        Assert.True(parsed.IsLocal && parsed.IsVerbose);
        Assert.Equal(["a=1", "b=2"], parsed.Settings);
    }

    [Theory]
    [InlineData("no job file was given")]
    [InlineData("no job file was given", "--local")]
    [InlineData("'--loacl'", "job.yaml", "--loacl")]
    [InlineData("'other.yaml'", "job.yaml", "other.yaml")]
    [InlineData("--set needs FIELD=VALUE", "job.yaml", "--set")]
    [InlineData("eval needs --checkpoint", "eval", "job.yaml")]
    [InlineData("'--local'", "eval", "job.yaml", "--local")]
    public void Parse_WhatIsWrong_IsNamed(string mention, params string[] arguments)
    {
        var error = Assert.Throws<JobException>(() => HostArguments.Parse(arguments, isPlaced: false));
        Assert.Contains(mention, error.Message, StringComparison.Ordinal);
    }
}
