using System.Runtime.Versioning;
using TaaS.Jobs;
using TaaS.Runtime.Programs;

namespace TaaS.Runtime.Tests.Programs;

/// <summary>Whatever a user names as a program is recognised, or refused in one line, and never waited for without a limit.</summary>
[Trait("Category", "process")]
[UnsupportedOSPlatform("windows")]
public sealed class UserProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("taas-user-program-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Prepare_AProgramThatIntroducesItself_IsReadyAtOnce()
    {
        // It would go on for longer than the limit; nobody waits for that.
        var program = Script($$"""
            echo loading things
            [ "$TAAS_INTRODUCE" = 1 ] && echo '{"taas":"program","program":"mine","runtime":"{{ProgramIntroduction.RuntimeVersion}}"}'
            sleep 600
            """);

        var command = await PrepareAsync(program);

        Assert.Equal((program, 0), (command.Executable, command.Arguments.Count));
    }

    [Theory]
    [InlineData("exit 0", "it ended without calling TaaSHost.RunAsync")]
    [InlineData("cat; exit 0", "it ended without calling TaaSHost.RunAsync")]
    [InlineData("echo hello; echo no data >&2; exit 3", "it ended (exit code 3) before it called TaaSHost.RunAsync: no data")]
    [InlineData("kill -9 $$", "it ended (killed by signal 9) before it called TaaSHost.RunAsync")]
    [InlineData("echo '{\"taas\":\"program\",\"program\":'", "it ended without calling TaaSHost.RunAsync")]
    public async Task Prepare_AProgramThatIsNone_SaysWhatItDid(string script, string what)
    {
        var program = Script(script);

        var error = await Assert.ThrowsAsync<ProgramException>(() => PrepareAsync(program));

        Assert.Equal(Refusal(program, what), error.Message);
    }

    [Theory]
    [InlineData("sleep 60")]
    [InlineData("yes")]
    public async Task Prepare_AProgramThatGoesOnWithoutAWord_IsEndedAtTheLimit(string script)
    {
        var program = Script(script);

        var error = await Assert.ThrowsAsync<ProgramException>(() => PrepareAsync(program, Options with { IntroductionLimit = TimeSpan.FromSeconds(1) }));

        Assert.Equal(Refusal(program, "it did not call TaaSHost.RunAsync within 1 s"), error.Message);
    }

    [Fact]
    public async Task Prepare_AProgramOfAnotherVersion_NamesBoth()
    {
        var program = Script("""echo '{"taas":"program","program":"mine","runtime":"0.0.1"}'""");
        var error = await Assert.ThrowsAsync<ProgramException>(() => PrepareAsync(program));
        Assert.Contains($"built with TaaS.Runtime 0.0.1, this is {ProgramIntroduction.RuntimeVersion}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_AFileThatCannotStart_SaysSo()
    {
        var program = Path.Combine(_folder, "program");
        File.WriteAllText(program, "no script and no binary");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var error = await Assert.ThrowsAsync<ProgramException>(() => PrepareAsync(program));
        Assert.Contains("cannot be started", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_Cancelled_EndsTheProgram()
    {
        var mark = Path.Combine(_folder, "started");
        var program = Script($"echo $$ > {mark}.new; mv {mark}.new {mark}; exec sleep 60");
        using var cancel = new CancellationTokenSource();
        var preparing = UserProgram.PrepareAsync(program, Options, cancel.Token);
        while (!File.Exists(mark))
        {
            await Task.Delay(20);
        }

        cancel.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => preparing.WaitAsync(TimeSpan.FromSeconds(20)));
        var stat = $"/proc/{File.ReadAllText(mark).Trim()}/stat";
        for (var tries = 0; File.Exists(stat) && tries < 100; tries++)
        {
            await Task.Delay(20);
        }

        Assert.False(File.Exists(stat), "the program outlived the command that asked it");
    }

    [Theory]
    [InlineData("library.dll", "is a library, no program")]
    [InlineData("notes.txt", "is no program; expected a folder with a project")]
    [InlineData("", "holds no project; expected one .csproj")]
    [InlineData("two", "holds 2 projects; name one of a.csproj, b.csproj")]
    [InlineData("nothing", "does not exist")]
    public void Find_WhatDoesNotRun_SaysWhy(string name, string mention)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "two"));
        foreach (var file in new[] { "library.dll", "notes.txt", "two/a.csproj", "two/b.csproj" })
        {
            File.WriteAllText(Path.Combine(_folder, file), "");
        }

        var error = Assert.Throws<JobException>(() => ProgramSource.Find(Path.Combine(_folder, name)));

        Assert.Contains(mention, error.Message, StringComparison.Ordinal);
        Assert.Equal("spec.program.path", Assert.Single(error.Problems).Path);
    }

    private ProgramOptions Options => new() { CacheFolder = Path.Combine(_folder, "cache") };

    private Task<ProgramCommand> PrepareAsync(string path, ProgramOptions? options = null) => UserProgram.PrepareAsync(path, options ?? Options, CancellationToken.None);

    private static string Refusal(string program, string what) =>
        $"spec.program.path: {program} is no training program: {what}; its Main must begin with 'return await TaaSHost.RunAsync(args, …)'";

    private string Script(string body)
    {
        var path = Path.Combine(_folder, "program.sh");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
