using k8s;
using k8s.Models;
using TaaS.Kubernetes;
using TaaS.Operator.Tests;
using TaaS.Operator.Tests.ApiServer;

namespace TaaS.EndToEnd.Tests.Cluster;

/// <summary>A cluster to type commands at: an API server with simulated kubelets, the real operator in a process of its own, and a folder with a kubeconfig and a job file.</summary>
internal sealed class ClusterPlace : IAsyncDisposable
{
    private readonly SimulatedKubelet _kubelet;
    private readonly ApiConnection _connection;
    private readonly TaasCommand? _operator;

    private ClusterPlace(ApiServerDouble server, SimulatedKubelet kubelet, ApiConnection connection, bool withOperator)
    {
        (Server, _kubelet, _connection) = (server, kubelet, connection);
        Client = new ApiClient(connection);
        Folder = Directory.CreateTempSubdirectory("taas-cluster-").FullName;
        Kubeconfig = server.WriteKubeconfig(Folder);
        WriteJob("job.yaml", "sleep 600; exit 0");
        _operator = withOperator
            ? TaasCommand.StartProgram(Folder, ["dotnet", Path.Combine(AppContext.BaseDirectory, "taas-operator.dll"), "--kubeconfig", Kubeconfig, "--metrics-port", "0", "--pass-interval", "1"])
            : null;
    }

    public ApiServerDouble Server { get; }

    public ApiClient Client { get; }

    public string Folder { get; }

    public string Kubeconfig { get; }

    /// <summary>Two nodes of eight GPUs, a flavor of any node, queues <c>research</c> (12 GPUs) and <c>closed</c> (someone else's).</summary>
    public static async Task<ClusterPlace> StartAsync(bool withKinds = true, bool withOperator = true)
    {
        var server = await ApiServerDouble.StartAsync();
        var kubelet = new SimulatedKubelet(server.Database, server.Lifecycle, TimeProvider.System);
        kubelet.Start();
        var connection = ApiConnection.Open(() => server.Configuration);
        var client = new ApiClient(connection);
        if (withKinds)
        {
            foreach (var file in Directory.GetFiles(Path.Combine(TestSettings.Root, "scheduler/deploy/crds"), "*.yaml"))
            {
                await client.CreateAsync(ResourceKinds.CustomResourceDefinitions, KubernetesYaml.Deserialize<V1CustomResourceDefinition>(await File.ReadAllTextAsync(file)), default);
            }

            await client.CreateAsync(ResourceKinds.ResourceFlavors, TestQueues.Flavor("any"), default);
            await client.CreateAsync(ResourceKinds.Queues, TestQueues.Queue("research", "any", gpus: 12), default);
            await client.CreateAsync(ResourceKinds.Queues, TestQueues.Queue("closed", "any", change: static spec => spec["allowedUsers"] = new System.Text.Json.Nodes.JsonArray("namespace:elsewhere")), default);
            await client.CreateAsync(ResourceKinds.Nodes, TestQueues.Node("node-0", "64", 8), default);
            await client.CreateAsync(ResourceKinds.Nodes, TestQueues.Node("node-1", "64", 8), default);
        }

        return new ClusterPlace(server, kubelet, connection, withKinds && withOperator);
    }

    /// <summary>Writes a job file whose two workers, of one GPU each, run a script.</summary>
    public void WriteJob(string file, string script) => File.WriteAllText(Path.Combine(Folder, file), $$$"""
        apiVersion: taas.dev/v1alpha1
        kind: TrainingJob
        metadata:
          name: small
          labels: {team: vision}
        spec:
          queue: research
          program: {image: example.com/trainer, command: [sh, -c, "{{{script}}}"]}
          strategy: ring
          data: {path: /data}
          replicas:
            worker: {count: 2, resources: {cpu: 1, memory: 1Gi, nvidia.com/gpu: 1}}
        """);

    /// <summary>Runs the command as a user of this cluster.</summary>
    public Task<CommandResult> TaasAsync(params string[] arguments) =>
        TaasCommand.RunAsync(Folder, [("KUBECONFIG", Kubeconfig)], arguments);

    /// <summary>Runs it over and over until it says something.</summary>
    public async Task<CommandResult> TaasUntilAsync(string mention, params string[] arguments)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            var result = await TaasAsync(arguments);
            if (result.Output.Contains(mention, StringComparison.Ordinal))
            {
                return result;
            }

            Assert.True(watch.Elapsed < TestSettings.Patience, $"'{mention}' did not show up in taas {string.Join(' ', arguments)}: {result}\n--- operator\n{_operator?.Errors}");
            await Task.Delay(100);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _operator?.Dispose();
        await _kubelet.DisposeAsync();
        _connection.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
