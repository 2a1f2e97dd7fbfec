using System.Text.Json;

namespace TaaS.Runtime.Observability;

/// <summary>Looks at a run from outside, by its folder and its roles' metrics: what <c>taas top</c> shows.</summary>
public sealed class RunWatch : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http = new() { Timeout = AnswerLimit };
    private readonly Dictionary<string, MetricsSample> _earlier = [];
    private readonly RunFolder _folder;

    private RunWatch(RunFolder folder) => _folder = folder;

    /// <summary>Name of the run.</summary>
    public string Name => Path.GetFileName(_folder.Path);

    /// <summary>Finds a run.</summary>
    /// <param name="runs">Folder of runs.</param>
    /// <param name="run">Path of a run's folder, its name in <paramref name="runs"/>, or null for the newest there.</param>
    /// <returns>The run, or null with why there is none.</returns>
    public static (RunWatch? Run, string? Problem) Find(string runs, string? run)
    {
        if (run is not null)
        {
            var path = new[] { run, Path.Combine(runs, run) }.FirstOrDefault(IsRun);
            return path is not null ? (Open(path), null) : (null, $"no run '{run}': neither a run's folder nor a name in {Path.GetFullPath(runs)}, which holds {Names(runs)}");
        }

        var newest = Runs(runs).MaxBy(folder => File.GetLastWriteTimeUtc(SpecOf(folder)));
        return newest is not null ? (Open(newest), null) : (null, $"no run in {Path.GetFullPath(runs)}; start one with 'taas train', or give the folder of a run");
    }

    /// <summary>What the run came to, or null while it has no result.</summary>
    public RunEnd? Result()
    {
        try
        {
            using var result = JsonDocument.Parse(File.ReadAllBytes(_folder.Result));
            var root = result.RootElement;
            return new RunEnd(IsWhole: true, FormattableString.Invariant(
                $"{Name} has ended: test accuracy {root.GetProperty("testAccuracy").GetDouble():F4}, {root.GetProperty("imagesPerSecond").GetDouble():F0} images/s, {root.GetProperty("wallSeconds").GetDouble():F1} s; all of it is in {_folder.Result}"));
        }
        catch (Exception error) when (error is IOException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // Not there, or being written.
            return null;
        }
    }

    /// <summary>How the run ended, or null while a role still runs.</summary>
    /// <param name="rows">What <see cref="LookAsync(CancellationToken)"/> gave last.</param>
    public RunEnd? End(IReadOnlyList<RoleRow> rows) => Result()
        ?? (rows.Any(row => row.State is "starting" or "ready" or "straggler")
            ? null
            : new RunEnd(IsWhole: false, $"{Name} does not run any more and left no result; its logs are in {Path.Combine(_folder.Path, "logs")}"));

    /// <summary>Asks every role where it stands. Speeds are since the last call and unknown at the first.</summary>
    public async Task<IReadOnlyList<RoleRow>> LookAsync(CancellationToken cancel)
    {
        var rows = await Task.WhenAll(RoleDirectory.Read(_folder.Roles).Select(entry => LookAsync(entry, cancel)));
        // Servers know how the workers compare.
        var paces = rows.SelectMany(row => row.Paces).ToLookup(pace => $"worker-{pace.Worker}");
        return [.. rows.Select(row => row.State == "ready" && paces.Contains(row.Role)
            ? row with { Staleness = paces[row.Role].Max(pace => pace.Staleness), State = paces[row.Role].Any(pace => pace.IsStraggler) ? "straggler" : row.State }
            : row)];
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static RunWatch Open(string folder) => new(RunFolder.Open(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));

    private static string SpecOf(string folder) => RunFolder.Open(folder).Spec;

    private static bool IsRun(string folder) => File.Exists(SpecOf(folder));

    private static IEnumerable<string> Runs(string runs) => Directory.Exists(runs) ? Directory.GetDirectories(runs).Where(IsRun) : [];

    private static string Names(string runs)
    {
        var names = Runs(runs).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal).ToArray();
        return names.Length == 0 ? "none" : string.Join(", ", names);
    }

    private async Task<RoleRow> LookAsync(RoleEntry entry, CancellationToken cancel)
    {
        if (entry is not { State: RoleState.Running, Http: { } address })
        {
            return new RoleRow { Role = entry.Role, State = entry.State == RoleState.Running ? "starting" : entry.State.ToString().ToLowerInvariant() };
        }

        MetricsSample sample;
        try
        {
            sample = MetricsSample.Parse(await _http.GetStringAsync(new Uri($"http://{address}/metrics"), cancel));
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            // Its end was not written down, as after the supervisor was killed.
            return new RoleRow { Role = entry.Role, State = "no answer" };
        }

        var isReady = await IsReadyAsync(address, cancel);
        MetricsSample? earlier;
        lock (_earlier)
        {
            _earlier.TryGetValue(entry.Role, out earlier);
            _earlier[entry.Role] = sample;
        }

        return RoleRow.Of(entry.Role, isReady ? "ready" : "starting", sample, earlier);
    }

    private async Task<bool> IsReadyAsync(string address, CancellationToken cancel)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri($"http://{address}/readyz"), cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}

/// <summary>How a run ended.</summary>
/// <param name="IsWhole">True if it has a result.</param>
/// <param name="Line">What to tell the user.</param>
public sealed record RunEnd(bool IsWhole, string Line);
