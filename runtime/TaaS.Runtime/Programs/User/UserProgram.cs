using System.ComponentModel;
using System.Diagnostics;
using TaaS.Jobs;

namespace TaaS.Runtime.Programs;

/// <summary>A user's program, named by <c>spec.program.path</c>: finds it, builds it if need be, and makes sure that it is a training program.</summary>
public static class UserProgram
{
    /// <summary>Makes a program ready to be started.</summary>
    /// <param name="path">A folder with a project, a project, a <c>.cs</c> file, a <c>.dll</c> or an executable file.</param>
    /// <param name="notice">Takes a line for what takes a while.</param>
    /// <param name="cancel">Ends a build.</param>
    /// <exception cref="JobException">There is no program at that path.</exception>
    /// <exception cref="ProgramException">It does not build, or it never calls <see cref="TaaSHost"/>.</exception>
    /// <exception cref="MissingSdkException">It is to be built, and this machine cannot.</exception>
    public static Task<ProgramCommand> PrepareAsync(string path, Action<string> notice, CancellationToken cancel) =>
        PrepareAsync(path, new ProgramOptions { Notice = notice }, cancel);

    /// <inheritdoc cref="PrepareAsync(string, Action{string}, CancellationToken)"/>
    internal static async Task<ProgramCommand> PrepareAsync(string path, ProgramOptions options, CancellationToken cancel)
    {
        var source = ProgramSource.Find(path);
        var file = source.IsSource ? await new ProgramBuild(source, options).RunAsync(cancel) : source.File;
        var command = source.Kind == ProgramKind.Executable ? new ProgramCommand(file, []) : new ProgramCommand(DotnetMuxer.Path, [file]);
        await MeetAsync(command, source, options, cancel);
        return command;
    }

    /// <summary>Asks the program who it is.</summary>
    private static async Task MeetAsync(ProgramCommand command, ProgramSource source, ProgramOptions options, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(command.Executable, [.. command.Arguments, RoleHost.Argument]);
        start.Environment[ProgramIntroduction.Variable] = "1";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(options.IntroductionLimit);
        ProgramIntroduction? introduction = null;
        try
        {
            var (code, _, errors) = await ChildProcess.RunAsync(start, line => (introduction ??= ProgramIntroduction.Parse(line)) is not null, limit.Token);
            if (introduction is null)
            {
                var word = errors.Find(static line => line.Length > 0);
                throw Unfit(source, code == 0
                    ? "it ended without calling TaaSHost.RunAsync"
                    : $"it ended ({RoleProcess.DescribeExit(code)}) before it called TaaSHost.RunAsync{(word is null ? "" : $": {word}")}");
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw Unfit(source, FormattableString.Invariant($"it did not call TaaSHost.RunAsync within {options.IntroductionLimit.TotalSeconds:F0} s"));
        }
        catch (Win32Exception error)
        {
            throw new ProgramException($"spec.program.path: {source.File} cannot be started: {error.Message}", error);
        }

        if (introduction.Runtime != ProgramIntroduction.RuntimeVersion)
        {
            throw new ProgramException($"spec.program.path: {source.File} was built with TaaS.Runtime {introduction.Runtime}, this is {ProgramIntroduction.RuntimeVersion}; build it with the same version");
        }
    }

    private static ProgramException Unfit(ProgramSource source, string what) =>
        new($"spec.program.path: {source.File} is no training program: {what}; its Main must begin with 'return await TaaSHost.RunAsync(args, …)'");
}
