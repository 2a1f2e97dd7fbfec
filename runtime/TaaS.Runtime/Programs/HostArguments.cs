using TaaS.Jobs;

namespace TaaS.Runtime.Programs;

/// <summary>What a user's program was asked to do.</summary>
internal enum HostCommand
{
    /// <summary>Train the job.</summary>
    Train,

    /// <summary>Score a checkpoint.</summary>
    Eval,

    /// <summary>Be the role that the environment names.</summary>
    Role,

    /// <summary>Say what this is.</summary>
    Help,
}

/// <summary>The command line of a user's program: <c>job.yaml [--local] [--set FIELD=VALUE] …</c>.</summary>
internal sealed record HostArguments
{
    /// <summary>What to do.</summary>
    public HostCommand Command { get; private init; }

    /// <summary>The job file.</summary>
    public string JobFile { get; private init; } = "";

    /// <summary>Overrides of its fields.</summary>
    public IReadOnlyList<string> Settings { get; private init; } = [];

    /// <summary>Train in this process, with no server.</summary>
    public bool IsLocal { get; private init; }

    /// <summary>Name of the run's folder, or null.</summary>
    public string? Name { get; private init; }

    /// <summary>Checkpoint to go on from, or null.</summary>
    public string? Resume { get; private init; }

    /// <summary>Checkpoint to score.</summary>
    public string? Checkpoint { get; private init; }

    /// <summary>Show the stack of an error as well.</summary>
    public bool IsVerbose { get; private init; }

    /// <summary>Reads a command line.</summary>
    /// <param name="arguments">Without the program's own name.</param>
    /// <param name="isPlaced">True where the environment names a role: then no argument is needed.</param>
    /// <exception cref="JobException">Something unknown, or something missing.</exception>
    public static HostArguments Parse(IReadOnlyList<string> arguments, bool isPlaced)
    {
        if (arguments.Count == 0 ? isPlaced : arguments is [RoleHost.Argument])
        {
            return new HostArguments { Command = HostCommand.Role };
        }

        var parsed = new HostArguments();
        var settings = new List<string>();
        var rest = new Queue<string>(arguments);
        if (arguments.Count > 0 && arguments[0] is "train" or "eval")
        {
            parsed = parsed with { Command = rest.Dequeue() == "eval" ? HostCommand.Eval : HostCommand.Train };
        }

        while (rest.TryDequeue(out var argument))
        {
            switch (argument)
            {
                case "--help" or "-h" or "-?":
                    return new HostArguments { Command = HostCommand.Help };
                case "--local" when parsed.Command == HostCommand.Train:
                    parsed = parsed with { IsLocal = true };
                    break;
                case "--verbose":
                    parsed = parsed with { IsVerbose = true };
                    break;
                case "--set":
                    settings.Add(Value("FIELD=VALUE"));
                    break;
                case "--name" when parsed.Command == HostCommand.Train:
                    parsed = parsed with { Name = Value("a name for the run's folder") };
                    break;
                case "--resume" when parsed.Command == HostCommand.Train:
                    parsed = parsed with { Resume = Path.GetFullPath(Value("a checkpoint")) };
                    break;
                case "--checkpoint" when parsed.Command == HostCommand.Eval:
                    parsed = parsed with { Checkpoint = Path.GetFullPath(Value("a checkpoint")) };
                    break;
                case var file when parsed.JobFile.Length == 0 && !file.StartsWith('-'):
                    parsed = parsed with { JobFile = file };
                    break;
                default:
                    throw Wrong($"'{argument}' is no option here; try --help");
            }

            string Value(string what) => rest.TryDequeue(out var value) ? value : throw Wrong($"{argument} needs {what}; try --help");
        }

        if (parsed.JobFile.Length == 0)
        {
            throw Wrong("no job file was given, and no TAAS_CONFIG places a role; try --help");
        }

        return parsed.Command == HostCommand.Eval && parsed.Checkpoint is null
            ? throw Wrong("eval needs --checkpoint FILE; try --help")
            : parsed with { Settings = settings };
    }

    private static JobException Wrong(string message) => new([new JobProblem("", 0, message)]);
}
