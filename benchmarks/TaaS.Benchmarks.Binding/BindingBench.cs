using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using TaaS.Kubernetes;

namespace TaaS.Benchmarks.Binding;

/// <summary>
/// Rounds on a real API server, in a namespace, queue and flavor of their own. The clock runs from the moment the first pod is seen until the last has its node;
/// both schedulers get pods of the same shape, and both are seen through the same watch.
/// </summary>
internal sealed class BindingBench : IAsyncDisposable
{
    private const int CallsAtATime = 32;
    private static readonly TimeSpan RoundLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    private readonly ApiClient _client;
    private readonly string _name;
    private readonly Load _load;
    private readonly OperatorProcess _operator;
    private IReadOnlyList<V1Pod> _shapes = [];

    private BindingBench(ApiClient client, string name, Load load, OperatorProcess running) => (_client, _name, _load, _operator) = (client, name, load, running);

    /// <summary>Makes namespace, queue and flavor, and starts the operator.</summary>
    public static async Task<BindingBench> OpenAsync(ApiClient client, string path, Load load, CancellationToken cancel)
    {
        if (await client.FindAsync(ResourceKinds.CustomResourceDefinitions, null, ResourceKinds.TrainingJobs.FullName, cancel) is null)
        {
            throw new BenchException("the cluster does not have our kinds; kubectl apply -f scheduler/deploy/crds");
        }

        var name = $"taas-bench-{Environment.ProcessId}";
        await client.CreateAsync(ResourceKinds.Namespaces, new V1Namespace { ApiVersion = "v1", Kind = "Namespace", Metadata = new V1ObjectMeta { Name = name } }, cancel);
        await client.CreateAsync(ResourceKinds.ResourceFlavors, new ResourceFlavorResource { Metadata = new V1ObjectMeta { Name = name }, Spec = JsonSerializer.SerializeToElement(new JsonObject()) }, cancel);
        var quota = new JsonObject { ["quotas"] = new JsonArray(new JsonObject { ["flavor"] = name, ["resources"] = new JsonObject { ["cpu"] = new JsonObject { ["nominal"] = 1_000_000 } } }) };
        await client.CreateAsync(ResourceKinds.Queues, new QueueResource { Metadata = new V1ObjectMeta { Name = name }, Spec = JsonSerializer.SerializeToElement(quota) }, cancel);
        return new BindingBench(client, name, load, await OperatorProcess.StartAsync(path, name, cancel));
    }

    /// <summary>One round of gangs.</summary>
    /// <returns>Binds a second.</returns>
    public async Task<double> BindGangsAsync(int round, CancellationToken cancel)
    {
        var rate = await MeasureAsync(
            () => EachAsync(Enumerable.Range(0, _load.Gangs), (gang, token) => _client.CreateAsync(ResourceKinds.TrainingJobs, Job($"gang-{round}-{gang}"), token), cancel),
            cancel);
        _shapes = [.. (await _client.ListAsync(ResourceKinds.Pods, _name, cancel: cancel)).Items];
        var jobs = await _client.ListAsync(ResourceKinds.TrainingJobs, _name, cancel: cancel);
        await EachAsync(jobs.Items, (job, token) => _client.DeleteAsync(ResourceKinds.TrainingJobs, _name, job.Metadata.Name, null, token), cancel);
        await EmptyAsync(cancel);
        return rate;
    }

    /// <summary>One round of kube-scheduler with the pods that the gangs of the round before were made of.</summary>
    public async Task<double> BindByKubeSchedulerAsync(CancellationToken cancel)
    {
        var pods = _shapes.Select(static pod => new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new V1ObjectMeta { Name = pod.Metadata.Name, NamespaceProperty = pod.Metadata.NamespaceProperty, Labels = pod.Metadata.Labels },
            Spec = new V1PodSpec
            {
                Containers = pod.Spec.Containers,
                RestartPolicy = pod.Spec.RestartPolicy,
                EnableServiceLinks = false,
                AutomountServiceAccountToken = false,
                Hostname = pod.Spec.Hostname,
                Subdomain = pod.Spec.Subdomain,
                Volumes = pod.Spec.Volumes,
            },
        });
        var rate = await MeasureAsync(() => EachAsync(pods, (pod, token) => _client.CreateAsync(ResourceKinds.Pods, pod, token), cancel), cancel);
        await EachAsync(_shapes, (pod, token) => _client.DeleteAsync(ResourceKinds.Pods, _name, pod.Metadata.Name, null, token), cancel);
        await EmptyAsync(cancel);
        return rate;
    }

    public async ValueTask DisposeAsync()
    {
        await _operator.DisposeAsync();
        await _client.DeleteAsync(ResourceKinds.Namespaces, null, _name, null, CancellationToken.None);
        await _client.DeleteAsync(ResourceKinds.Queues, null, _name, null, CancellationToken.None);
        await _client.DeleteAsync(ResourceKinds.ResourceFlavors, null, _name, null, CancellationToken.None);
    }

    private async Task<double> MeasureAsync(Func<Task> submit, CancellationToken cancel)
    {
        var expected = _load.Gangs * _load.Pods;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var pods = new Informer<V1Pod>(_client, ResourceKinds.Pods, _name, TimeProvider.System);
        var bound = 0;
        long first = 0;
        var last = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        pods.Store.Changed += (before, after) =>
        {
            Interlocked.CompareExchange(ref first, Stopwatch.GetTimestamp(), 0);
            if (after?.Spec?.NodeName is { Length: > 0 } && string.IsNullOrEmpty(before?.Spec?.NodeName) && Interlocked.Increment(ref bound) == expected)
            {
                last.TrySetResult(Stopwatch.GetTimestamp());
            }
        };
        var watching = pods.RunAsync(stop.Token);
        await pods.Synced.WaitAsync(cancel);
        try
        {
            await submit();
            var end = await last.Task.WaitAsync(RoundLimit, cancel);
            return expected / Stopwatch.GetElapsedTime(first, end).TotalSeconds;
        }
        catch (TimeoutException)
        {
            throw new BenchException($"only {bound} of {expected} pods had a node after {RoundLimit.TotalMinutes:0} min; is there room, and does kube-scheduler run?");
        }
        finally
        {
            await stop.CancelAsync();
            await watching;
        }
    }

    private async Task EmptyAsync(CancellationToken cancel)
    {
        while ((await _client.ListAsync(ResourceKinds.Pods, _name, cancel: cancel)).Items.Count > 0)
        {
            await Task.Delay(Glance, cancel);
        }
    }

    private TrainingJobResource Job(string name) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = _name },
        Spec = JsonSerializer.SerializeToElement(new JsonObject
        {
            ["queue"] = _name,
            ["strategy"] = "ring",
            ["program"] = new JsonObject { ["image"] = "busybox:1.35", ["command"] = new JsonArray("sleep", "100000") },
            ["data"] = new JsonObject { ["path"] = "/data" },
            ["replicas"] = new JsonObject { ["worker"] = new JsonObject { ["count"] = _load.Pods, ["resources"] = new JsonObject { ["cpu"] = "100m" } } },
        }),
    };

    private static Task EachAsync<T>(IEnumerable<T> items, Func<T, CancellationToken, Task> act, CancellationToken cancel) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = CallsAtATime, CancellationToken = cancel }, async (item, token) => await act(item, token));
}
