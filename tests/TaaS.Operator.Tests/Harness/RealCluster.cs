using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using TaaS.Kubernetes;

namespace TaaS.Operator.Tests;

/// <summary>
/// The cluster that <c>KUBECONFIG</c> names, in a namespace of its own, with an operator for that namespace in this process.
/// It needs our kinds, and room for a few pods of the image <c>TAAS_TEST_IMAGE</c>. Where nodes are played by a fake kubelet, the pods' command is told to it by annotation.
/// </summary>
internal sealed partial class RealCluster : TestCluster
{
    private readonly ApiConnection _connection;
    private readonly RunningOperator _operator;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _scripts;

    private RealCluster(ApiConnection connection, string space, string queue, RunningOperator running)
        : base(new ApiClient(connection), space, queue)
    {
        (_connection, _operator) = (connection, running);
        _scripts = Task.Run(TellScriptsAsync);
    }

    /// <summary>Opens it, or skips the test with a word.</summary>
    public static async Task<RealCluster> OpenAsync()
    {
        Skip.If(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KUBECONFIG")), "KUBECONFIG names no cluster");
        var connection = ApiConnection.Open();
        var client = new ApiClient(connection);
        Skip.If(
            await client.FindAsync(ResourceKinds.CustomResourceDefinitions, null, "trainingjobs.taas.dev", CancellationToken.None) is null,
            "the cluster that KUBECONFIG names does not have our kinds; kubectl apply -f scheduler/deploy/crds");
        var name = $"taas-test-{Guid.NewGuid().ToString("N")[..8]}";
        await client.CreateAsync(ResourceKinds.Namespaces, new V1Namespace { ApiVersion = "v1", Kind = "Namespace", Metadata = new V1ObjectMeta { Name = name } }, CancellationToken.None);
        await client.CreateAsync(ResourceKinds.ResourceFlavors, TestQueues.Flavor(name), CancellationToken.None);
        await client.CreateAsync(ResourceKinds.Queues, TestQueues.Queue(name, name), CancellationToken.None);
        var running = RunningOperator.Start(
            static () => KubernetesClientConfiguration.BuildConfigFromConfigFile(Environment.GetEnvironmentVariable("KUBECONFIG")),
            TimeProvider.System,
            RunningOperator.Options with { Namespace = name, ImagePullPolicy = "IfNotPresent" });
        var cluster = new RealCluster(connection, name, name, running);
        await EventuallyAsync(() => Task.FromResult(running.Log.Lines.Any(static line => line.Contains("the cluster is known", StringComparison.Ordinal))), () => $"the operator to know the cluster: {string.Join('\n', running.Log.Lines)}");
        await EventuallyAsync(async () => await client.FindAsync(new ResourceKind<V1ServiceAccount>("", "v1", "serviceaccounts", true), name, "default", CancellationToken.None) is not null, "the namespace's account");
        return cluster;
    }

    public override async ValueTask DisposeAsync()
    {
        await _operator.DisposeAsync();
        await _stop.CancelAsync();
        await _scripts.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Client.DeleteAsync(ResourceKinds.Namespaces, null, Space, null, CancellationToken.None);
        await Client.DeleteAsync(ResourceKinds.Queues, null, Queue, null, CancellationToken.None);
        await Client.DeleteAsync(ResourceKinds.ResourceFlavors, null, Queue, null, CancellationToken.None);
        _stop.Dispose();
        _connection.Dispose();
    }

    private async Task TellScriptsAsync()
    {
        var fake = (await Client.ListAsync(ResourceKinds.Nodes, null, "fake-kubelet=true", cancel: _stop.Token)).Items.Select(static node => node.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        while (fake.Count > 0 && !_stop.IsCancellationRequested)
        {
            try
            {
                foreach (var pod in (await Client.ListAsync(ResourceKinds.Pods, Space, cancel: _stop.Token)).Items)
                {
                    await TellScriptAsync(pod);
                }
            }
            catch (ApiException)
            {
                // Gone, or changed: the next turn sees.
            }

            await Task.Delay(50, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TellScriptAsync(V1Pod pod)
    {
        var script = Script().Match(string.Join(' ', pod.Spec.Containers[0].Command ?? []));
        if (script.Success && double.Parse(script.Groups["seconds"].Value, System.Globalization.CultureInfo.InvariantCulture) < 1000 && pod.Metadata.Annotations?.ContainsKey("fake/exit") != true)
        {
            var annotations = new JsonObject { ["fake/exit"] = $"{script.Groups["code"].Value}@{script.Groups["seconds"].Value}" };
            await Client.PatchAsync(ResourceKinds.Pods, Space, pod.Metadata.Name, new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid, ["annotations"] = annotations } }, _stop.Token);
        }
    }

    [GeneratedRegex(@"sleep (?<seconds>[\d.]+); exit (?<code>\d+)")]
    private static partial Regex Script();
}
