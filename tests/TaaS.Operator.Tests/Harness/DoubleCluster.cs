using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using TaaS.Kubernetes;
using TaaS.Operator.Tests.ApiServer;
using TaaS.Scheduling.Model;

namespace TaaS.Operator.Tests;

/// <summary>The API server double with simulated kubelets.</summary>
internal sealed class DoubleCluster : TestCluster
{
    private readonly ApiConnection _connection;
    private readonly List<RunningOperator> _operators = [];

    private DoubleCluster(ApiServerDouble server, SimulatedKubelet kubelet, ApiConnection connection, TimeProvider time)
        : base(new ApiClient(connection), "default", "default") => (Server, Kubelet, _connection, Time) = (server, kubelet, connection, time);

    public ApiServerDouble Server { get; }

    public SimulatedKubelet Kubelet { get; }

    public TimeProvider Time { get; }

    /// <summary>A cluster of equal nodes; without kinds it is one on which nothing of ours was ever installed.</summary>
    public static async Task<DoubleCluster> StartAsync(int nodes = 4, string cpu = "8", int gpus = 8, TimeProvider? time = null, bool hasKinds = true)
    {
        time ??= TimeProvider.System;
        var server = await ApiServerDouble.StartAsync(time);
        var kubelet = new SimulatedKubelet(server.Database, server.Lifecycle, time);
        kubelet.Start();
        var cluster = new DoubleCluster(server, kubelet, ApiConnection.Open(() => server.Configuration), time);
        if (hasKinds)
        {
            await cluster.InstallAsync();
        }

        for (var index = 0; index < nodes; index++)
        {
            await cluster.AddNodeAsync($"node-{index}", cpu, gpus);
        }

        return cluster;
    }

    /// <summary>Installs the kinds, a flavor of any node and a queue of everything.</summary>
    public async Task InstallAsync()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(TestSettings.Root, "scheduler/deploy/crds"), "*.yaml").Order(StringComparer.Ordinal))
        {
            await Client.CreateAsync(ResourceKinds.CustomResourceDefinitions, KubernetesYaml.Deserialize<V1CustomResourceDefinition>(await File.ReadAllTextAsync(file)), CancellationToken.None);
        }

        await Client.CreateAsync(ResourceKinds.ResourceFlavors, TestQueues.Flavor("any"), CancellationToken.None);
        await Client.CreateAsync(ResourceKinds.Queues, TestQueues.Queue(Queue, "any"), CancellationToken.None);
    }

    public Task AddNodeAsync(string name, string cpu = "8", int gpus = 8) => Client.CreateAsync(ResourceKinds.Nodes, TestQueues.Node(name, cpu, gpus), CancellationToken.None);

    public RunningOperator StartOperator(OperatorOptions? options = null, Func<ClusterSnapshot, SchedulingPass>? decide = null, KillSwitch? kill = null)
    {
        var started = RunningOperator.Start(() => Server.Configuration, Time, options, decide, kill);
        _operators.Add(started);
        return started;
    }

    /// <summary>Sets a pod's status, as its kubelet would.</summary>
    public Task SetPodStatusAsync(string pod, JsonObject status) =>
        Client.PatchAsync(ResourceKinds.Pods, Space, pod, new JsonObject { ["status"] = status }, CancellationToken.None, "status");

    /// <summary>Sets a node's readiness, as the node lifecycle controller would.</summary>
    public Task SetReadyAsync(string node, bool isReady) =>
        Client.PatchAsync(ResourceKinds.Nodes, null, node, new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = isReady ? "True" : "Unknown" }) } }, CancellationToken.None, "status");

    /// <summary>Nothing is there that should not be: no node over-committed, no pod without its job.</summary>
    public void AssertSound()
    {
        Assert.Empty(Kubelet.Violations);
        Assert.DoesNotContain(_operators.SelectMany(static running => running.Log.Lines), static line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var running in _operators)
        {
            await running.DisposeAsync();
        }

        await Kubelet.DisposeAsync();
        _connection.Dispose();
        await Server.DisposeAsync();
    }
}
