using System.CommandLine;
using TaaS.Runtime;

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
            var score = await Evaluator.RunAsync(job, parsed.GetRequiredValue(checkpoint).FullName, cancel);
            Console.WriteLine(FormattableString.Invariant($"test accuracy {score.Accuracy:F4}, test loss {score.Loss:F4} on {score.Samples} samples"));
            return ExitCode.Success;
        });
        return command;
    }
}
