using System.Diagnostics;
using System.Text.Json.Nodes;
using TaaS.Operator.Tests.ApiServer;

namespace TaaS.Operator.Tests;

/// <summary>The double answers the real kubectl as a real server would: a test of the tests. Where KUBECONFIG names a cluster, the same conversation is held with both.</summary>
public sealed class KubectlTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taas-kubectl-");

    public void Dispose() => _folder.Delete(recursive: true);

    [SkippableFact]
    public async Task Kubectl_AppliesPatchesScalesAndDeletes()
    {
        RequireKubectl();
        await using var server = await ApiServerDouble.StartAsync();
        var lines = await ConverseAsync(server.WriteKubeconfig(_folder.FullName), "default", installs: true);

        Assert.Equal(Expected, lines);
    }

    [SkippableFact]
    [Trait("Category", "cluster")]
    public async Task RealServer_SaysTheSame()
    {
        RequireKubectl();
        var kubeconfig = Environment.GetEnvironmentVariable("KUBECONFIG");
        Skip.If(string.IsNullOrEmpty(kubeconfig), "KUBECONFIG names no cluster");
        var (code, _) = await RunAsync(kubeconfig!, "get", "crd", "trainingjobs.taas.dev");
        Skip.If(code != 0, "the cluster that KUBECONFIG names does not have our kinds; kubectl apply -f scheduler/deploy/crds");
        var space = $"taas-kubectl-{Guid.NewGuid().ToString("N")[..8]}";
        await RunAsync(kubeconfig!, "create", "namespace", space);
        try
        {
            Assert.Equal(Expected, await ConverseAsync(kubeconfig!, space, installs: false));
        }
        finally
        {
            await RunAsync(kubeconfig!, "delete", "namespace", space, "--wait=false");
        }
    }

    private static readonly string[] Expected =
    [
        "trainingjob.taas.dev/talk created",
        "trainingjob.taas.dev/talk unchanged",
        "trainingjob.taas.dev/talk configured",
        "generation 2, epochs 3, labelled yes",
        "trainingjob.taas.dev/talk patched",
        "trainingjob.taas.dev/talk patched",
        "generation 4, epochs 5, labelled",
        "trainingjob.taas.dev/talk scaled",
        "generation 5, workers 2",
        "trainingjob.taas.dev/talk serverside-applied",
        "a conflict is refused",
        "trainingjob.taas.dev/talk serverside-applied",
        "trainingjob.taas.dev/talk",
        "nothing has another label",
        "a stale version is refused",
        "a name that is taken is refused",
        "a kind of nobody is refused",
        "trainingjob.taas.dev \"talk\" deleted",
        "what is deleted is not found",
    ];

    private async Task<IReadOnlyList<string>> ConverseAsync(string kubeconfig, string space, bool installs)
    {
        if (installs)
        {
            foreach (var file in Directory.GetFiles(Path.Combine(TestSettings.Root, "scheduler/deploy/crds"), "*.yaml"))
            {
                Assert.EndsWith("created", await SucceedAsync("create", "-f", file));
            }
        }

        var lines = new List<string>
        {
            await SucceedAsync("apply", "-f", Write("talk", 1)),
            await SucceedAsync("apply", "-f", Write("talk", 1)),
            await SucceedAsync("apply", "-f", Write("talk", 3, label: "yes")),
            await ShowAsync(),
            await SucceedAsync("patch", "trainingjob", "talk", "--type=merge", "-p", """{"metadata":{"labels":{"test":null}},"spec":{"epochs":4}}"""),
            await SucceedAsync("patch", "trainingjob", "talk", "--type=json", "-p", """[{"op":"replace","path":"/spec/epochs","value":5}]"""),
            await ShowAsync(),
            await SucceedAsync("scale", "trainingjob", "talk", "--replicas=2"),
            await SucceedAsync("get", "tj", "talk", "-o", "jsonpath=generation {.metadata.generation}, workers {.spec.replicas.worker.count}"),
            await SucceedAsync("apply", "--server-side", "--force-conflicts", "--field-manager=one", "-f", Write("talk", 6)),
        };
        lines.Add(await FailAsync("conflict", "a conflict is refused", "apply", "--server-side", "--field-manager=two", "-f", Write("talk", 7)));
        lines.Add(await SucceedAsync("apply", "--server-side", "--force-conflicts", "--field-manager=two", "-f", Write("talk", 7)));
        lines.Add(await SucceedAsync("get", "tj", "-l", "test in (no), !other", "-o", "name"));
        lines.Add((await SucceedAsync("get", "tj", "-l", "test=yes", "-o", "name")).Length == 0 ? "nothing has another label" : "something has");
        lines.Add(await FailAsync("modified", "a stale version is refused", "replace", "-f", Write("talk", 8, version: "1")));
        lines.Add(await FailAsync("already exists", "a name that is taken is refused", "create", "-f", Write("talk", 1)));
        lines.Add(await FailAsync("resource type", "a kind of nobody is refused", "get", "wonders"));
        lines.Add(await SucceedAsync("delete", "trainingjob", "talk"));
        lines.Add(await FailAsync("not found", "what is deleted is not found", "get", "tj", "talk"));
        return lines;

        Task<string> ShowAsync() => SucceedAsync("get", "tj", "talk", "-o", "jsonpath=generation {.metadata.generation}, epochs {.spec.epochs}, labelled {.metadata.labels.test}");

        async Task<string> SucceedAsync(params string[] arguments)
        {
            var (code, output) = await RunAsync(kubeconfig, ["-n", space, .. arguments]);
            Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {output}");
            return output;
        }

        async Task<string> FailAsync(string word, string line, params string[] arguments)
        {
            var (code, output) = await RunAsync(kubeconfig, ["-n", space, .. arguments]);
            return code != 0 && output.Contains(word, StringComparison.OrdinalIgnoreCase) ? line : $"kubectl {string.Join(' ', arguments)}: {code} {output}";
        }
    }

    private string Write(string name, int epochs, string label = "no", string? version = null)
    {
        var job = new JsonObject
        {
            ["apiVersion"] = "taas.dev/v1alpha1",
            ["kind"] = "TrainingJob",
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["test"] = label } },
            ["spec"] = new JsonObject
            {
                ["suspend"] = true,
                ["epochs"] = epochs,
                ["program"] = new JsonObject { ["example"] = "fashion-mnist" },
                ["data"] = new JsonObject { ["path"] = "/data" },
                ["replicas"] = new JsonObject { ["ps"] = new JsonObject { ["count"] = 1 }, ["worker"] = new JsonObject { ["count"] = 1, ["min"] = 1, ["max"] = 4 } },
            },
        };
        if (version is not null)
        {
            job["metadata"]!["resourceVersion"] = version;
        }

        var path = Path.Combine(_folder.FullName, $"{name}.json");
        File.WriteAllText(path, job.ToJsonString());
        return path;
    }

    private static void RequireKubectl() =>
        Skip.IfNot(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(static folder => File.Exists(Path.Combine(folder, "kubectl"))),
            "there is no kubectl here; install the package kubernetes-client");

    private async Task<(int Code, string Output)> RunAsync(string kubeconfig, params string[] arguments)
    {
        var start = new ProcessStartInfo("kubectl", ["--kubeconfig", kubeconfig, "--cache-dir", Path.Combine(_folder.FullName, "cache"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TestSettings.Patience);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, process.ExitCode == 0 ? (await output).Trim() : $"{await output}{await error}".Trim());
    }
}
