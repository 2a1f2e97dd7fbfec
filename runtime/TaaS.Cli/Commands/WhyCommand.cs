using System.CommandLine;
using TaaS.Cli.Cluster;
using TaaS.Runtime;

namespace TaaS.Cli.Commands;

/// <summary><c>taas why</c>: why a job waits, or where it stands.</summary>
internal static class WhyCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("job") { Description = "Name of the job." };
        var command = new Command("why", "Say why a job waits: the scheduler's own reason, place in the queue, nodes by cause, quota.") { name };
        var cluster = new ClusterOptions(command);
        var output = new Output(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var access = cluster.Open(parsed);
            var explanation = await Explanation.OfAsync(access, parsed.GetRequiredValue(name), cancel);
            output.Write(parsed, explanation.ToJson(), () =>
            {
                foreach (var line in explanation.Lines(TimeProvider.System.GetUtcNow()))
                {
                    Console.WriteLine(line);
                }
            });
            return ExitCode.Success;
        });
        return command;
    }
}
