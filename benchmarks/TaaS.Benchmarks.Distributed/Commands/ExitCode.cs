namespace TaaS.Benchmarks.Distributed.Commands;

/// <summary>What the command ends with; the same numbers as the main command's.</summary>
internal static class ExitCode
{
    internal const int Success = 0;
    internal const int Failed = 1;
    internal const int Usage = 2;

    /// <summary>Says why on stderr; gives the code back.</summary>
    internal static int Say(string message, int code)
    {
        Console.Error.WriteLine($"bench: {message}");
        return code;
    }
}
