namespace TaaS.Operator.Tests;

/// <summary>What the surroundings of a test run say.</summary>
internal static class TestSettings
{
    /// <summary>Image with a shell, for clusters that run pods for real.</summary>
    public static string Image { get; } = Environment.GetEnvironmentVariable("TAAS_TEST_IMAGE") is { Length: > 0 } image ? image : "busybox:1.35";

    /// <summary>How long anything may take before a test gives up.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Turns of tests that are repeated: a few by default, as many as TAAS_TEST_ROUNDS says where there is time.</summary>
    public static int Rounds(int few) => int.TryParse(Environment.GetEnvironmentVariable("TAAS_TEST_ROUNDS"), out var rounds) ? rounds : few;

    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "TaaS.Engine.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return folder;
    }
}
