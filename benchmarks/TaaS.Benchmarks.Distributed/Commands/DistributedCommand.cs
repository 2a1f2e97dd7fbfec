using System.CommandLine;

namespace TaaS.Benchmarks.Distributed.Commands;

/// <summary><c>distributed</c>: both measurements with their usual options, saved where the repository keeps its results.</summary>
internal static class DistributedCommand
{
    internal static Command Create(Command transport, Command scaling)
    {
        var folder = new Option<string>("--results") { Description = "Folder for transport.json, scaling.json and scaling.svg.", HelpName = "FOLDER", DefaultValueFactory = _ => Path.Combine("benchmarks", "results") };
        var command = new Command("distributed", "Both, in less than five minutes on a quiet machine.") { folder };
        command.SetAction(parsed =>
        {
            var results = parsed.GetValue(folder)!;
            try
            {
                Directory.CreateDirectory(results);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return ExitCode.Say($"--results: {results} cannot be made: {error.Message}", ExitCode.Usage);
            }

            var first = transport.Parse(["--json", Path.Combine(results, "transport.json")]).Invoke();
            var second = scaling.Parse(["--json", Path.Combine(results, "scaling.json"), "--svg", Path.Combine(results, "scaling.svg")]).Invoke();
            return Math.Max(first, second);
        });
        return command;
    }
}
