using System.CommandLine;
using TaaS.Runtime;

namespace TaaS.Cli.Commands;

/// <summary><c>taas scale</c>: more or fewer workers for a run that goes on.</summary>
internal static class ScaleCommand
{
    public static Command Create()
    {
        var run = new Argument<DirectoryInfo>("run") { Description = "Folder of the run, such as runs/fashion-mnist." };
        var workers = new Option<int>("--workers") { Description = "Number of workers, from spec.replicas.worker.min to max.", Required = true };
        var command = new Command("scale", "Let workers join or leave a run that goes on.") { run, workers };
        command.SetAction(parsed =>
        {
            WorkerScale.Ask(RunFolder.Open(parsed.GetRequiredValue(run).FullName), parsed.GetRequiredValue(workers));
            return ExitCode.Success;
        });
        return command;
    }
}
