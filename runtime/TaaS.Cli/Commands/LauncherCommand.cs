using System.CommandLine;
using TaaS.Runtime;

namespace TaaS.Cli.Commands;

/// <summary>A command that the launcher <c>./taas</c> runs before it comes to this program; here for the help.</summary>
internal static class LauncherCommand
{
    public static Command Create(string name, string description)
    {
        var command = new Command(name, description) { TreatUnmatchedTokensAsErrors = false };
        command.SetAction(_ =>
        {
            Console.Error.WriteLine($"taas: '{name}' builds from source: run it as ./taas {name} in a clone of the repository");
            return ExitCode.Usage;
        });
        return command;
    }
}
