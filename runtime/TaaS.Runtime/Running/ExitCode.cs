using TaaS.Jobs;

namespace TaaS.Runtime;

/// <summary>What the exit status of a command, a role or a user's program means; the README lists the same numbers.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>Training or another operation failed: a role died, a disk was full, a figure could not be computed.</summary>
    public const int Failed = 1;

    /// <summary>The command line, the job file or a role's place is wrong; nothing was started.</summary>
    public const int Usage = RoleExit.Usage;

    /// <summary>The machine lacks something that the job names, such as a GPU.</summary>
    public const int Missing = 3;

    /// <summary>A data file, a checkpoint or a user's program is missing, damaged, or of another kind.</summary>
    public const int BadData = 4;

    /// <summary>Interrupted by Ctrl-C or a termination signal (128 + SIGINT).</summary>
    public const int Interrupted = 130;
}
