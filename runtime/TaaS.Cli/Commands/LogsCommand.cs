using System.CommandLine;
using TaaS.Cli.Cluster;
using TaaS.Jobs;
using TaaS.Runtime;

namespace TaaS.Cli.Commands;

/// <summary><c>taas logs</c>: what a role of a job on a cluster wrote.</summary>
internal static class LogsCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("job") { Description = "Name of the job." };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the job has ended, over restarts." };
        var role = new Option<string>("--role") { Description = $"Role: {string.Join(", ", Role.All)}.", HelpName = "ROLE", DefaultValueFactory = _ => Role.Worker }.AcceptOnlyFromAmong([.. Role.All]);
        var index = new Option<int>("--index") { Description = "Number within the role, from 0.", HelpName = "NUMBER" };
        var tail = new Option<int?>("--tail") { Description = "Only so many lines from the end.", HelpName = "LINES" };
        var command = new Command("logs", "Show what a role of a job wrote; default: worker 0.") { name, follow, role, index, tail };
        var cluster = new ClusterOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var access = cluster.Open(parsed);
            var log = new LogFollower(access, parsed.GetRequiredValue(name), parsed.GetRequiredValue(role), parsed.GetValue(index));
            if (parsed.GetValue(follow))
            {
                await access.JobAsync(parsed.GetRequiredValue(name), cancel);
                await log.RunAsync(cancel);
            }
            else
            {
                await log.PrintAsync(parsed.GetValue(tail), cancel);
            }

            return ExitCode.Success;
        });
        return command;
    }
}
