namespace TaaS.Containers.Tests;

/// <summary>podman with the flags that run it anywhere, and a storage of its own; DEVELOPERS.md says what each flag is for.</summary>
internal sealed class Podman
{
    public static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(3);

    private readonly string[] _global;

    /// <summary>Keeps images and containers in a folder.</summary>
    public Podman(string folder)
    {
        Storage = ["--storage-driver", "vfs", "--root", Path.Combine(folder, "storage"), "--runroot", Path.Combine(folder, "run")];
        _global = [.. Storage, "--runtime", "runc", "--cgroup-manager", "cgroupfs", "--events-backend", "file"];
    }

    /// <summary>Options that choose the storage, the same for buildah.</summary>
    public IReadOnlyList<string> Storage { get; }

    /// <summary>What every container is started with.</summary>
    public static IReadOnlyList<string> RunFlags { get; } = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "--log-driver", "k8s-file"];

    /// <summary>Runs a podman command.</summary>
    public Task<CommandResult> RunAsync(params IEnumerable<string> arguments) => Tool.RunAsync("podman", [.. _global, .. arguments], TimeLimit);

    /// <summary>Runs one that must succeed; gives its output.</summary>
    public async Task<string> DoAsync(params IEnumerable<string> arguments)
    {
        var done = await RunAsync(arguments);
        done.AssertSucceeded();
        return done.Output.Trim();
    }

    /// <summary>Runs a container to its end and removes it.</summary>
    public Task<CommandResult> RunOnceAsync(params IEnumerable<string> arguments) => RunAsync(["run", "--rm", .. RunFlags, .. arguments]);
}
