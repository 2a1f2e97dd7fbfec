namespace TaaS.Jobs;

/// <summary>One thing wrong with a job.</summary>
/// <param name="Path">Field, such as <c>spec.replicas.worker.count</c>; empty for the text as a whole.</param>
/// <param name="Line">Line in the file, from 2; 0 for the first, and where it came from an override or an API server.</param>
/// <param name="Message">What was expected and what was there.</param>
public sealed record JobProblem(string Path, int Line, string Message)
{
    /// <summary>The problem in one line.</summary>
    public override string ToString()
    {
        var where = Line > 0 ? $" (line {Line})" : "";
        return Path.Length > 0 ? $"{Path}: {Message}{where}" : $"{Message}{where}";
    }
}

/// <summary>A job that cannot run as written; carries every problem found, not just the first.</summary>
public sealed class JobException : Exception
{
    /// <summary>Makes the error.</summary>
    public JobException(IReadOnlyList<JobProblem> problems)
        : base(string.Join("; ", problems)) => Problems = problems;

    /// <summary>All that is wrong.</summary>
    public IReadOnlyList<JobProblem> Problems { get; }
}
