using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace TaaS.Containers.Tests;

/// <summary>A job of one server and two workers, each role in a container that somebody else starts, kills and starts again.</summary>
internal sealed class ContainerJob : IAsyncDisposable
{
    public static readonly string[] Roles = ["ps-0", "worker-0", "worker-1"];

    private readonly Podman _podman;
    private readonly IContainerNetwork _network;
    private readonly Workplace _place = new();
    private readonly string _prefix = $"taas-{Guid.NewGuid():N}"[..12];

    public ContainerJob(Podman podman, IContainerNetwork network, string mode, int epochs)
    {
        (_podman, _network) = (podman, network);
        Directory.CreateDirectory(Folder);
        // The image's user is not root.
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_111_111);
        File.WriteAllText(SecretFile, "a secret of the job\n");
        var job = File.ReadAllText(_place.JobFile)
            .Replace("mode: async", $"mode: {mode}", StringComparison.Ordinal)
            .Replace("epochs: 1", string.Create(CultureInfo.InvariantCulture, $"epochs: {epochs}"), StringComparison.Ordinal)
            .Replace($"path: {_place.DataFolder}", "path: /data", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(Folder, "job.yaml"), job);
    }

    /// <summary>The run's folder, mounted into every container.</summary>
    public string Folder => _place.RunFolder();

    public string Checkpoint => _place.Checkpoint();

    public JsonElement Result => _place.Result();

    public string SecretFile => Path.Combine(_place.Folder, "secret");

    /// <summary>Everything of <c>podman run</c> from the mounts to the command, for a role.</summary>
    public IEnumerable<string> Arguments(string role) =>
    [
        .. _network.Flags(role),
        "--volume", $"{Folder}:/work",
        "--volume", $"{_place.DataFolder}:/data:ro",
        "--volume", $"{SecretFile}:/run/secrets/taas:ro",
        "--env", $"TAAS_CONFIG={Config(role)}",
        "--env", "TAAS_JOB=/work/job.yaml",
        "--env", "TAAS_SECRET_FILE=/run/secrets/taas",
        ContainerHost.Image,
        "role",
    ];

    /// <summary>Starts a role in a new container.</summary>
    public Task RunAsync(string role) => _podman.DoAsync(["run", "--detach", "--name", Name(role), .. Podman.RunFlags, .. Arguments(role)]);

    public async Task RunAllAsync()
    {
        foreach (var role in Roles)
        {
            await RunAsync(role);
        }
    }

    /// <summary>Starts an ended container again.</summary>
    public Task RestartAsync(params string[] roles) => _podman.DoAsync(["start", .. roles.Select(Name)]);

    /// <summary>kill -9.</summary>
    public async Task KillAsync(string role)
    {
        await _podman.DoAsync("kill", "--signal", "KILL", Name(role));
        Assert.Equal(137, await WaitAsync(role));
    }

    /// <summary>SIGTERM to all at once, as at the end of a node.</summary>
    public Task StopAsync() => _podman.DoAsync(["stop", "--time", "60", .. Roles.Select(Name)]);

    public Task RemoveAsync(string role) => _podman.DoAsync("rm", Name(role));

    /// <summary>Waits for a container's end; gives its exit code.</summary>
    public async Task<int> WaitAsync(string role) => int.Parse(await _podman.DoAsync("wait", Name(role)), CultureInfo.InvariantCulture);

    /// <summary>Output and errors of a role since its container was made.</summary>
    public async Task<CommandResult> LogsAsync(string role) => await _podman.RunAsync("logs", Name(role));

    /// <summary>Waits until the chief has scored an epoch.</summary>
    public async Task ScoredAsync(int epoch)
    {
        var watch = Stopwatch.StartNew();
        while (!Metrics().Any(line => line.Epoch >= epoch && line.IsScore))
        {
            Assert.True(watch.Elapsed < Podman.TimeLimit, $"no score of epoch {epoch} within {Podman.TimeLimit}\n{await DescribeAsync()}");
            await Task.Delay(50);
        }
    }

    /// <summary>Every role must end well; says what each printed where one does not.</summary>
    public async Task AssertEndsWellAsync()
    {
        foreach (var role in Roles.Reverse())
        {
            var code = await WaitAsync(role);
            Assert.True(code == 0, $"{role} ended with {code}\n{await DescribeAsync()}");
        }
    }

    /// <summary>The chief's reports so far: epoch, and whether the line holds a score.</summary>
    public IReadOnlyList<(int Epoch, bool IsScore)> Metrics()
    {
        if (!File.Exists(_place.Metrics()))
        {
            return [];
        }

        using var file = new FileStream(_place.Metrics(), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var text = new StreamReader(file).ReadToEnd();
        // The last line may be half written.
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            using var entry = JsonDocument.Parse(line);
            return (entry.RootElement.GetProperty("epoch").GetInt32(), entry.RootElement.TryGetProperty("testAccuracy", out _));
        })];
    }

    public async ValueTask DisposeAsync()
    {
        await _podman.RunAsync(["rm", "--force", "--time", "0", .. Roles.Select(Name)]);
        await _network.DisposeAsync();
        _place.Dispose();
    }

    private string Name(string role) => $"{_prefix}-{role}";

    private string Config(string role)
    {
        var (type, index) = (role[..role.IndexOf('-', StringComparison.Ordinal)], role[^1] - '0');
        return $$$"""{"cluster":{"ps":["{{{_network.Address("ps-0")}}}"],"worker":["{{{_network.Address("worker-0")}}}","{{{_network.Address("worker-1")}}}"]},"task":{"type":"{{{type}}}","index":{{{index}}}}}""";
    }

    private async Task<string> DescribeAsync()
    {
        var all = await Task.WhenAll(Roles.Select(async role => $"=== {role}\n{await LogsAsync(role)}"));
        return string.Join('\n', all);
    }
}
