using System.CommandLine;
using TaaS.Jobs;

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
    public TrainingJob Read(ParseResult parsed)
    {
        var file = parsed.GetRequiredValue(_file);
        if (!file.Exists)
        {
            throw new JobException([new JobProblem("", 0, $"job file {file.FullName} does not exist; give the path of a YAML file such as runtime/examples/fashion-mnist.yaml")]);
        }

        return TrainingJob.Parse(File.ReadAllText(file.FullName), parsed.GetValue(_set));
    }
}
