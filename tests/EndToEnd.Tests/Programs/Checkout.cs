using System.Diagnostics;

namespace TaaS.EndToEnd.Tests.Programs;

/// <summary>The repository as a user has it after <c>./taas pack</c>, and a cache of built programs of its own.</summary>
public sealed class Checkout : IDisposable
{
    /// <summary>Name of the collection: its tests share packages and cache, and run one after another.</summary>
    public const string Collection = "checkout";

    public Checkout()
    {
        using var pack = Process.Start(new ProcessStartInfo(Path.Combine(Root, "taas"), ["pack"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (pack.StandardOutput.ReadToEndAsync(), pack.StandardError.ReadToEndAsync());
        pack.WaitForExit();
        Assert.True(pack.ExitCode == 0, $"./taas pack ended with {pack.ExitCode}\n{output.Result}\n{errors.Result}");
    }

    public static string Root { get; } = FindRoot();

    public static string Packages => Path.Combine(Root, "artifacts", "packages");

    public static string Example(params string[] path) => Path.Combine([Root, "runtime", "examples", .. path]);

    public string Cache { get; } = Directory.CreateTempSubdirectory("taas-cache-").FullName;

    /// <summary>Variables of a command that builds programs.</summary>
    public (string Name, string Value)[] Variables => [("TAAS_PACKAGES", Packages), ("XDG_CACHE_HOME", Cache)];

    public void Dispose() => Directory.Delete(Cache, recursive: true);

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

/// <summary>Packs once for all tests that need packages.</summary>
[CollectionDefinition(Checkout.Collection)]
public sealed class CheckoutCollection : ICollectionFixture<Checkout>;
