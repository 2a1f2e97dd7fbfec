using System.CommandLine;
using System.Diagnostics;
using TaaS.Runtime;
using TaaS.Runtime.Programs;

namespace TaaS.Cli.Commands;

/// <summary><c>taas eval</c>: scores a checkpoint on the test set of its job.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var checkpoint = new Option<FileInfo>("--checkpoint") { Description = "The checkpoint to score.", Required = true };
        var command = new Command("eval", "Score a checkpoint on the job's test set.") { checkpoint };
        var input = new JobInput(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var job = input.Read(parsed);
            var file = parsed.GetRequiredValue(checkpoint).FullName;
            if (job.Spec.Program.Path is { } path)
            {
                return await RunProgramAsync(path, ["eval", .. input.Arguments(parsed), "--checkpoint", file], cancel);
            }

            Console.WriteLine(await Evaluator.RunAsync(job, file, cancel));
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>The user's program, which alone knows the model, does it and says the rest.</summary>
    private static async Task<int> RunProgramAsync(string path, string[] arguments, CancellationToken cancel)
    {
        var program = await UserProgram.PrepareAsync(path, Console.WriteLine, cancel);
        using var process = Process.Start(program.Executable, [.. program.Arguments, .. arguments]);
        try
        {
            await process.WaitForExitAsync(cancel);
            return process.ExitCode;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
