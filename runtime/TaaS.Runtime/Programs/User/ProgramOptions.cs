namespace TaaS.Runtime.Programs;

/// <summary>How a user's program is made ready.</summary>
internal sealed record ProgramOptions
{
    /// <summary>The environment variable that names a folder of packages to build with, beside the sources that are set up on this machine.</summary>
    public const string PackagesVariable = "TAAS_PACKAGES";

    /// <summary>Folder of packages, or null.</summary>
    public string? Packages { get; init; } = Environment.GetEnvironmentVariable(PackagesVariable) is { Length: > 0 } folder && Directory.Exists(folder) ? Path.GetFullPath(folder) : null;

    /// <summary>Folder of what was built. Default <c>taas/programs</c> in the user's cache.</summary>
    public string CacheFolder { get; init; } = Path.Combine(UserCache(), "taas", "programs");

    /// <summary>How long a program may take to say that it is one. Default 60 s.</summary>
    public TimeSpan IntroductionLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Takes a line for what takes a while.</summary>
    public Action<string> Notice { get; init; } = static _ => { };

    private static string UserCache()
    {
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache)
        {
            return cache;
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length > 0 ? Path.Combine(home, ".cache") : Path.GetTempPath();
    }
}
