using System.CommandLine;
using TaaS.Jobs;
using TaaS.Runtime;
using TaaS.Runtime.Programs;

namespace TaaS.Cli.Commands;

/// <summary><c>taas train</c>: trains the job on this machine, in role processes or, with <c>--local</c>, in one.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var local = new Option<bool>("--local") { Description = "Train in one process, with no server." };
        var name = new Option<string?>("--name") { Description = "Name of the run's folder; default: the job's name, numbered." };
        var resume = new Option<FileInfo?>("--resume") { Description = "Go on from this checkpoint." };
        var command = new Command("train", "Train the model of a job file on this machine.") { local, name, resume };
        var input = new JobInput(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var job = input.Read(parsed);
            var options = RunOptions.OfThisProgram with
            {
                RunName = parsed.GetValue(name),
                ResumeFrom = parsed.GetValue(resume)?.FullName,
            };
            var result = job.Spec.Program.Path is { } path
                ? await RunProgramAsync(path, job, options, parsed.GetValue(local), cancel)
                : await TrainingDisplay.RunAsync(display =>
                {
                    var told = options with { Notice = display.Notice };
                    return parsed.GetValue(local)
                        ? LocalTrainer.RunAsync(job, told, display, cancel)
                        : JobRunner.RunAsync(job, told, display, cancel);
                });
            Console.WriteLine(result.Describe());
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>The roles are the user's program, which alone knows the model: with <c>--local</c> one worker that needs no server.</summary>
    private static async Task<RunResult> RunProgramAsync(string path, TrainingJob job, RunOptions options, bool isLocal, CancellationToken cancel)
    {
        var program = await UserProgram.PrepareAsync(path, Console.WriteLine, cancel);
        return await TrainingDisplay.RunAsync(display => JobRunner.RunAsync(
            isLocal ? LocalTrainer.InOneProcess(job) : job,
            options.With(program) with { Notice = display.Notice },
            display,
            cancel));
    }
}
