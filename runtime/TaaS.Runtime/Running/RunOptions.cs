using System.Reflection;
using TaaS.Runtime.Programs;

namespace TaaS.Runtime;

/// <summary>How to run a job on this machine.</summary>
public sealed record RunOptions
{
    /// <summary>Roles are started from the program that this process runs, with the argument <c>role</c>.</summary>
    public static RunOptions OfThisProgram { get; } = new()
    {
        RoleExecutable = Environment.ProcessPath!,
        // Under "dotnet program.dll" the assembly comes first, and is a file, which in a single-file program it would not be.
#pragma warning disable IL3000
        RoleArguments = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Assembly.GetEntryAssembly()!.Location, RoleHost.Argument]
            : [RoleHost.Argument],
#pragma warning restore IL3000
    };

    /// <summary>Program that starts a role, such as the path of <c>dotnet</c>.</summary>
    public required string RoleExecutable { get; init; }

    /// <summary>Its first arguments, such as <c>[".../taas.dll", "role"]</c>; the role gets its place by environment variables.</summary>
    public IReadOnlyList<string> RoleArguments { get; init; } = [];

    /// <summary>True where roles are a user's program that this process is not, which alone knows the job's model. Default false.</summary>
    public bool RolesAreAnotherProgram { get; init; }

    /// <summary>Folder of runs; null takes <c>spec.output.path</c> of the job.</summary>
    public string? RunsFolder { get; init; }

    /// <summary>Name of the run's folder; null takes the job's name, with <c>-2</c>, <c>-3</c>, … if it exists.</summary>
    public string? RunName { get; init; }

    /// <summary>Checkpoint to go on from; null starts afresh.</summary>
    public string? ResumeFrom { get; init; }

    /// <summary>Cores to share out among the roles; 0 means all of this machine.</summary>
    public int Cores { get; init; }

    /// <summary>How long roles may take to end after a cancel or a failure before they are killed. Default 10 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Takes one line for each thing a user should know at once, such as a worker that was lost while the others go on.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>The same with roles that are a user's program.</summary>
    public RunOptions With(ProgramCommand program) => this with
    {
        RoleExecutable = program.Executable,
        RoleArguments = [.. program.Arguments, RoleHost.Argument],
        RolesAreAnotherProgram = true,
    };
}
