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
            var result = await TrainingDisplay.RunAsync(display =>
            {
                var told = options with { Notice = display.Notice };
                return parsed.GetValue(local)
                    ? LocalTrainer.RunAsync(job, told, display, cancel)
                    : JobRunner.RunAsync(job, told, display, cancel);
            });
            Show(result);
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>A role is this very program; under <c>dotnet taas.dll</c> the assembly comes first.</summary>
    private static string[] RoleArguments() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [typeof(TrainCommand).Assembly.Location, "role"]
            : ["role"];

    private static void Show(RunResult result)
    {
        Console.WriteLine(FormattableString.Invariant(
            $"test accuracy {result.TestAccuracy:F4}, {result.ImagesPerSecond:F0} images/s, {result.WallSeconds:F1} s ({result.UpdateMode}; {Count(result.Ps, "server")}, {Count(result.Workers, "worker")}, {Count(result.Epochs, "epoch")})"));
        foreach (var role in result.LostRoles)
        {
            Console.WriteLine($"lost on the way: {role}; its log is {Path.Combine(result.Folder, "logs", role + ".log")}");
        }

        Console.WriteLine($"result      {Path.Combine(result.Folder, "result.json")}");
        Console.WriteLine($"checkpoint  {result.Checkpoint}");
        Console.WriteLine($"logs        {Path.Combine(result.Folder, "logs")}");
    }

    private static string Count(int number, string what) => FormattableString.Invariant($"{number} {what}{(number == 1 ? "" : "s")}");
}
