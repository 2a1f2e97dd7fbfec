using System.CommandLine;
using TaaS.Runtime;

namespace TaaS.Cli.Commands;

/// <summary><c>taas role</c>: one server or worker, placed by <c>TAAS_CONFIG</c>; what <c>train</c> and containers start.</summary>
internal static class RoleCommand
{
    public static Command Create()
    {
        var command = new Command("role", "Run one role of a job, placed by the environment variable TAAS_CONFIG.") { Hidden = true };
        command.SetAction((_, cancel) => RoleHost.RunAsync(cancel));
        return command;
    }
}
