using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>
/// Runs the pods that are bound: <c>sh -c "sleep N; exit M"</c> as it says, anything else for ever. It watches what an operator must never do:
/// more on a node than it has, or two pods of one place at a time.
/// </summary>
internal sealed partial class SimulatedKubelet(Database database, Lifecycle lifecycle, TimeProvider time) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, DateTimeOffset> _started = [];
    private readonly ConcurrentQueue<string> _violations = new();
    private Task _work = Task.CompletedTask;

    /// <summary>Nodes on which pods stay Pending.</summary>
    public ConcurrentDictionary<string, bool> Held { get; } = new();

    /// <summary>Nodes whose kubelet does nothing at all.</summary>
    public ConcurrentDictionary<string, bool> Dead { get; } = new();

    /// <summary>What must never have been.</summary>
    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>Pods started so far, by name and UID.</summary>
    public ConcurrentQueue<string> Started { get; } = new();

    public void Start() => _work = Task.Run(async () =>
    {
        try
        {
            await RunAsync();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            _violations.Enqueue($"the kubelet broke: {error}");
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Task changed;
            TimeSpan? wait;
            lock (database.Gate)
            {
                changed = database.Changed;
                wait = Look();
                if (changed.IsCompleted)
                {
                    continue;
                }
            }

            using var timer = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            await Task.WhenAny(changed, Task.Delay(wait ?? Timeout.InfiniteTimeSpan, time, timer.Token)).ConfigureAwait(false);
            await timer.CancelAsync();
        }
    }

    private TimeSpan? Look()
    {
        TimeSpan? wait = null;
        var pods = database.All.Where(static entry => entry.Key.Kind is { Group: "", Plural: "pods" } && JsonPath.Text(entry.Value, "spec.nodeName") is { Length: > 0 }).ToList();
        CheckCapacity(pods.Select(static entry => entry.Value));
        foreach (var (key, pod) in pods)
        {
            var node = JsonPath.Text(pod, "spec.nodeName")!;
            if (Dead.ContainsKey(node) || database.Find(NodeKey(node)) is null || database.Find(key) != pod)
            {
                continue;
            }

            if (pod["metadata"]!["deletionTimestamp"] is not null)
            {
                lifecycle.Delete(key, new JsonObject { ["gracePeriodSeconds"] = 0, ["preconditions"] = new JsonObject { ["uid"] = JsonPath.Text(pod, "metadata.uid") } });
                continue;
            }

            switch (JsonPath.Text(pod, "status.phase"))
            {
                case "Pending" when !Held.ContainsKey(node):
                    Run(key, pod);
                    break;
                case "Running":
                    wait = Sooner(wait, Finish(key, pod));
                    break;
                default:
                    break;
            }
        }

        return wait;
    }

    private void Run(ObjectKey key, JsonObject pod)
    {
        var uid = JsonPath.Text(pod, "metadata.uid")!;
        _started[uid] = time.GetUtcNow();
        Started.Enqueue($"{key.Name} {uid}");
        Write(key, pod, "Running", new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Lifecycle.Format(time.GetUtcNow()) } }, isReady: true);
    }

    private TimeSpan? Finish(ObjectKey key, JsonObject pod)
    {
        var command = string.Join(' ', (pod["spec"]!["containers"]![0]!["command"] as JsonArray ?? []).Select(static word => word!.GetValue<string>()));
        if (Script().Match(command) is not { Success: true } script)
        {
            return null;
        }

        var uid = JsonPath.Text(pod, "metadata.uid")!;
        var seconds = double.Parse(script.Groups["seconds"].Value, CultureInfo.InvariantCulture);
        var left = _started.GetValueOrDefault(uid, time.GetUtcNow()) + TimeSpan.FromSeconds(seconds) - time.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            return left;
        }

        var code = int.Parse(script.Groups["code"].Value, CultureInfo.InvariantCulture);
        Write(key, pod, code == 0 ? "Succeeded" : "Failed", new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = code, ["reason"] = code == 0 ? "Completed" : "Error" } }, isReady: false);
        return null;
    }

    private void Write(ObjectKey key, JsonObject pod, string phase, JsonObject state, bool isReady)
    {
        var item = JsonPath.Clone(pod);
        var status = JsonPath.Object(item, "status");
        status["phase"] = phase;
        status["podIP"] = "10.0.0.1";
        status["conditions"] = new JsonArray(
            new JsonObject { ["type"] = "PodScheduled", ["status"] = "True" },
            new JsonObject { ["type"] = "Ready", ["status"] = isReady ? "True" : "False" });
        status["containerStatuses"] = new JsonArray(new JsonObject
        {
            ["name"] = pod["spec"]!["containers"]![0]!["name"]!.DeepClone(),
            ["image"] = "",
            ["imageID"] = "",
            ["ready"] = isReady,
            ["restartCount"] = 0,
            ["state"] = state,
        });
        database.Put(key, item);
    }

    private void CheckCapacity(IEnumerable<JsonObject> pods)
    {
        foreach (var node in pods.Where(static pod => JsonPath.Text(pod, "status.phase") is not ("Succeeded" or "Failed")).GroupBy(static pod => JsonPath.Text(pod, "spec.nodeName")!))
        {
            if (database.Find(NodeKey(node.Key)) is not { } found)
            {
                continue;
            }

            var room = ResourceList.Capacity(Quantities(JsonPath.Get(found, "status.allocatable") as JsonObject));
            var used = node.SelectMany(static pod => pod["spec"]!["containers"] as JsonArray ?? []).Select(static container => ResourceList.Requests(Quantities(container!["resources"]?["requests"] as JsonObject))).Aggregate(ResourceList.Empty, static (sum, next) => sum.Plus(next));
            foreach (var (resource, amount) in used.Amounts.Where(entry => entry.Value > room[entry.Key]))
            {
                _violations.Enqueue($"node {node.Key}: {amount} {resource} in use, {room[resource]} there");
            }
        }
    }

    private static IEnumerable<KeyValuePair<string, Quantity>> Quantities(JsonObject? amounts) =>
        (amounts ?? []).Select(static entry => Quantity.TryParse(entry.Value!.ToString(), out var amount) ? KeyValuePair.Create(entry.Key, amount) : throw new FormatException(entry.Value.ToString()));

    private static ObjectKey NodeKey(string name) => new(ApiResource.BuiltIn.Single(static kind => kind.Plural == "nodes"), null, name);

    private static TimeSpan? Sooner(TimeSpan? a, TimeSpan? b) => a is null ? b : b is null || a < b ? a : b;

    [GeneratedRegex(@"sleep (?<seconds>[\d.]+); exit (?<code>\d+)")]
    private static partial Regex Script();
}
