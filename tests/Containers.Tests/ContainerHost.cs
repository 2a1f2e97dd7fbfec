using System.Runtime.InteropServices;

namespace TaaS.Containers.Tests;

/// <summary>What all tests share: the image, built once, in a storage apart from the user's.</summary>
public sealed class ContainerHost : IAsyncLifetime
{
    public const string Image = "localhost/taas:test";

    public const string OperatorImage = "localhost/taas-operator:test";

    /// <summary>podman's own exit code: the container was never started.</summary>
    private const int NotStarted = 125;

    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(15);

    private string? _missing;

    internal static string Root { get; } = FindRoot();

    internal Podman Podman { get; } = new(Path.Combine(Root, "artifacts", "containers"));

    /// <summary>Builds the image, unless it is there, and starts it once.</summary>
    public async Task InitializeAsync()
    {
        _missing = WhatIsMissing();
        if (_missing is not null)
        {
            return;
        }

        var build = await BuildAsync("--tag", Image);
        if (build.ExitCode == 3)
        {
            _missing = $"the image cannot be built here: {build.Errors.Trim()}";
            return;
        }

        build.AssertSucceeded();
        var probe = await Podman.RunOnceAsync("--network=host", Image, "--version");
        if (probe.ExitCode == NotStarted || probe.Errors.Contains("OCI runtime", StringComparison.Ordinal))
        {
            _missing = $"this machine does not let containers run: {probe.Errors.Trim()}";
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>Skips the test where containers cannot run, and says why.</summary>
    internal void Need() => Skip.If(_missing is not null, _missing);

    /// <summary>Skips the test where containers cannot run; otherwise the operator's image is there.</summary>
    internal async Task NeedOperatorAsync()
    {
        Need();
        // The tests of a collection run one after another. What is built already takes a moment.
        var build = await BuildAsync("--operator", "--tag", OperatorImage);
        build.AssertSucceeded();
    }

    private Task<CommandResult> BuildAsync(params string[] arguments) => Tool.RunAsync(
        "bash",
        [Path.Combine(Root, "runtime", "images", "build.sh"), .. arguments],
        BuildLimit,
        ("TAAS_CONTAINER_STORAGE", string.Join(' ', Podman.Storage)));

    private static string? WhatIsMissing()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64)
        {
            return $"the image is for x86-64 Linux; this is {RuntimeInformation.RuntimeIdentifier}";
        }

        foreach (var tool in new[] { "podman", "runc", "buildah" })
        {
            if (!Tool.Exists(tool))
            {
                return $"{tool} is not installed; as root './taas test' installs it from Debian's packages";
            }
        }

        return Environment.IsPrivilegedProcess ? null : "containers of different users and networks need root";
    }

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

/// <summary>Tests that share the host; they run one after another, since they share its cores.</summary>
[CollectionDefinition(Name)]
public sealed class ContainerCollection : ICollectionFixture<ContainerHost>
{
    public const string Name = "containers";
}
