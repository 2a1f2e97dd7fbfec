namespace TaaS.Cli;

/// <summary>What the command's exit status means; the README lists the same numbers.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>Training or another operation failed: a role died, a disk was full, a figure could not be computed.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the job file is wrong; nothing was started.</summary>
    public const int Usage = 2;

    /// <summary>The machine lacks something that the job names, such as a GPU.</summary>
    public const int Missing = 3;

    /// <summary>A data file or a checkpoint is missing, truncated or corrupt.</summary>
    public const int BadData = 4;

    /// <summary>Interrupted by Ctrl-C or a termination signal (128 + SIGINT).</summary>
    public const int Interrupted = 130;
}
