using System.CommandLine;
using TaaS.Runtime;

namespace TaaS.Cli.Commands;

/// <summary><c>taas train</c>: trains the job on this machine, in role processes or, with <c>--local</c>, in this one.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var local = new Option<bool>("--local") { Description = "Train in this process, with no server." };
        var name = new Option<string?>("--name") { Description = "Name of the run's folder; default: the job's name, numbered." };
        var resume = new Option<FileInfo?>("--resume") { Description = "Go on from this checkpoint." };
        var command = new Command("train", "Train the model of a job file on this machine.") { local, name, resume };
        var input = new JobInput(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var job = input.Read(parsed);
            var options = new RunOptions
            {
                RoleExecutable = Environment.ProcessPath!,
                RoleArguments = RoleArguments(),
                RunName = parsed.GetValue(name),
                ResumeFrom = parsed.GetValue(resume)?.FullName,
            };
            var result = await TrainingDisplay.RunAsync(progress => parsed.GetValue(local)
                ? LocalTrainer.RunAsync(job, options, progress, cancel)
                : JobRunner.RunAsync(job, options, progress, cancel));
            Show(result);
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>A role is this very program; under <c>dotnet taas-cli.dll</c> the assembly comes first.</summary>
    private static string[] RoleArguments() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [typeof(TrainCommand).Assembly.Location, "role"]
            : ["role"];

    private static void Show(RunResult result)
    {
        Console.WriteLine(FormattableString.Invariant(
            $"test accuracy {result.TestAccuracy:F4}, {result.ImagesPerSecond:F0} images/s, {result.WallSeconds:F1} s ({result.UpdateMode}, {result.Ps} ps, {result.Workers} workers, {result.Epochs} epochs)"));
        foreach (var role in result.LostRoles)
        {
            Console.WriteLine($"lost on the way: {role}; its log is {Path.Combine(result.Folder, "logs", role + ".log")}");
        }

        Console.WriteLine($"result      {Path.Combine(result.Folder, "result.json")}");
        Console.WriteLine($"checkpoint  {result.Checkpoint}");
        Console.WriteLine($"logs        {Path.Combine(result.Folder, "logs")}");
    }
}
