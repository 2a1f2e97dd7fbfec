using System.CommandLine;
using TaaS.Jobs;
using TaaS.Runtime;

namespace TaaS.Cli.Commands;

/// <summary>The job file and its overrides, as several commands take them.</summary>
internal sealed class JobInput
{
    private readonly Argument<FileInfo> _file = new("job.yaml") { Description = "The job file." };
    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Override a field: --set spec.epochs=5. May be given several times.",
        HelpName = "FIELD=VALUE",
    };

    public JobInput(Command command)
    {
        command.Add(_file);
        command.Add(_set);
    }

    /// <summary>Reads and checks the job of a command line.</summary>
    public TrainingJob Read(ParseResult parsed) => JobFile.Read(parsed.GetRequiredValue(_file).FullName, parsed.GetValue(_set) ?? []);

    /// <summary>Text of the job file of a command line, which <see cref="Read"/> has found to be there.</summary>
    public string Text(ParseResult parsed) => File.ReadAllText(parsed.GetRequiredValue(_file).FullName);

    /// <summary>The same on the command line of another program.</summary>
    public IEnumerable<string> Arguments(ParseResult parsed) =>
        [parsed.GetRequiredValue(_file).FullName, .. (parsed.GetValue(_set) ?? []).SelectMany(static setting => new[] { "--set", setting })];
}
