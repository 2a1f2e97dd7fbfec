using System.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace TaaS.Jobs.Tests;

/// <summary>What <c>kubectl apply -k scheduler/deploy</c> brings into a cluster. Lost otherwise: an installation that stops half way, or that may do more than it should.</summary>
public sealed class ManifestTests
{
    private static readonly string Folder = Path.Combine(DefinitionFileTests.Root, "scheduler", "deploy");

    [Fact]
    public void Starter_HasFourSizesWithPrices_AndQueuesThatUseThem()
    {
        var flavors = Read("starter/flavors.yaml").Flavors;
        var queues = Read("starter/queues.yaml").Queues;

        Assert.Equal(
            [("small", 1m, 2m, 0m), ("medium", 2m, 4m, 0m), ("large", 16m, 64m, 0m), ("gpu", 8m, 32m, 1m)],
            flavors.Select(flavor => (flavor.Name, Amount(flavor, "cpu"), Amount(flavor, "memory") / (1 << 30), Amount(flavor, "nvidia.com/gpu"))));
        Assert.Equal(4, flavors.Select(flavor => flavor.Spec.PricePerHour).Where(price => price > 0).Distinct().Count());
        Assert.Contains(queues, queue => queue.Name == new TrainingJobSpec().Queue);
        foreach (var quota in queues.SelectMany(queue => queue.Spec.Quotas))
        {
            var flavor = Assert.Single(flavors, flavor => flavor.Name == quota.Flavor);
            Assert.Equal(flavor.Spec.Resources.Keys.Order(), quota.Resources.Keys.Order());
        }
    }

    [Fact]
    public void Examples_NameQueuesAndFlavorsOfTheStarter()
    {
        var flavors = Read("starter/flavors.yaml").Flavors.Select(flavor => flavor.Name).ToList();
        var queues = Read("starter/queues.yaml").Queues;
        var jobs = Directory.GetFiles(Path.Combine(Folder, "examples")).SelectMany(file => ContractFile.Parse(File.ReadAllText(file)).Jobs).ToList();

        Assert.NotEmpty(jobs);
        foreach (var job in jobs)
        {
            var queue = Assert.Single(queues, queue => queue.Name == job.Spec.Queue);
            Assert.All(job.Spec.Replicas.Values, replica => Assert.Contains(queue.Spec.Quotas, quota => quota.Flavor == replica.Flavor));
            Assert.All(job.Spec.Replicas.Values, replica => Assert.Contains(replica.Flavor, flavors));
            Assert.NotNull(job.Spec.DataVolume);
            Assert.NotNull(job.Spec.OutputVolume);
        }
    }

    [Fact]
    public void Kustomization_NamesEveryFile()
    {
        var root = Documents("kustomization.yaml").Single();
        var named = Texts(root, "resources").Concat(List(root, "configMapGenerator").SelectMany(map => Texts(map, "files")));
        var files = Directory.GetFiles(Folder, "*.yaml", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file)).Where(file => file != "kustomization.yaml" && !file.StartsWith("examples/", StringComparison.Ordinal));
        Assert.Equal(files.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Deployment_RunsTwoReplicasThatCanDoNoHarm()
    {
        var deployment = Documents("operator.yaml").Single(document => Text(document, "kind") == "Deployment");
        var pod = At(deployment, "spec.template.spec");
        var container = Assert.Single(List(pod, "containers"));

        Assert.Equal("2", Text(deployment, "spec.replicas"));
        Assert.Equal(("true", "10001"), (Text(pod, "securityContext.runAsNonRoot"), Text(pod, "securityContext.runAsUser")));
        Assert.Equal(("false", "true", "RuntimeDefault"), (Text(container, "securityContext.allowPrivilegeEscalation"), Text(container, "securityContext.readOnlyRootFilesystem"), Text(pod, "securityContext.seccompProfile.type")));
        Assert.Equal("false", Text(pod, "enableServiceLinks"));
        Assert.Equal(["ALL"], Texts(At(container, "securityContext.capabilities"), "drop"));
        foreach (var probe in new[] { "startupProbe", "livenessProbe", "readinessProbe" })
        {
            Assert.StartsWith("/", Text(container, $"{probe}.httpGet.path"), StringComparison.Ordinal);
        }

        Assert.NotEmpty(Text(container, "resources.requests.cpu"));
        Assert.NotEmpty(Text(container, "resources.requests.memory"));
        Assert.NotEmpty(Text(container, "resources.limits.memory"));
    }

    [Fact]
    public void Rights_AreNamedOneByOne()
    {
        var rules = Documents("rbac.yaml").Where(document => Text(document, "kind") is "ClusterRole" or "Role").SelectMany(document => List(document, "rules")).ToList();
        Assert.NotEmpty(rules);
        Assert.All(rules, rule => Assert.DoesNotContain("*", Texts(rule, "verbs").Concat(Texts(rule, "resources")).Concat(Texts(rule, "apiGroups"))));
        // Who may list secrets reads all of a cluster's.
        Assert.All(rules.Where(rule => Texts(rule, "resources").Contains("secrets")), rule => Assert.Empty(Texts(rule, "verbs").Intersect(["list", "watch"])));
    }

    [SkippableFact]
    public void Kustomization_IsTakenByKubectl()
    {
        Skip.IfNot((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "kubectl"))), "kubectl is not installed; Debian's package kubernetes-client has it");
        using var process = Process.Start(new ProcessStartInfo("kubectl", ["kustomize", Folder]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.True(process.ExitCode == 0, errors.Result);
        var stream = new YamlStream();
        stream.Load(new StringReader(output));
        var kinds = stream.Documents.Select(document => $"{Text(document.RootNode, "kind")} {Text(document.RootNode, "metadata.name")}").ToList();
        Assert.Equal(CustomResourceDefinition.All.Select(definition => $"CustomResourceDefinition {definition.Name}").Order(), kinds.Where(kind => kind.StartsWith("CustomResourceDefinition ", StringComparison.Ordinal)).Order());
        Assert.Contains("Deployment taas-operator", kinds);
        // The pods begin anew when their options change, since the names of both maps do.
        var pod = At(stream.Documents.Single(document => Text(document.RootNode, "kind") == "Deployment").RootNode, "spec.template.spec");
        Assert.Contains($"ConfigMap {Text(List(List(pod, "containers").Single(), "envFrom").Single(), "configMapRef.name")}", kinds);
        Assert.Contains(List(pod, "volumes"), volume => kinds.Contains($"ConfigMap {Text(volume, "configMap.name")}"));
        // Rights on objects of one name stay rights on that name.
        Assert.Equal(
            Names(Documents("rbac.yaml")),
            Names([.. stream.Documents.Select(document => document.RootNode)]));

        static IEnumerable<string> Names(IEnumerable<YamlNode> documents) =>
            documents.Where(document => Text(document, "kind") is "ClusterRole" or "Role").SelectMany(document => List(document, "rules")).SelectMany(rule => Texts(rule, "resourceNames")).Order(StringComparer.Ordinal);
    }

    private static ContractFile Read(string file) => ContractFile.Parse(File.ReadAllText(Path.Combine(Folder, file)));

    private static decimal Amount(ResourceFlavor flavor, string resource) => flavor.Spec.Resources.GetValueOrDefault(resource).Value;

    private static List<YamlNode> Documents(string file)
    {
        var stream = new YamlStream();
        using var text = new StreamReader(Path.Combine(Folder, file));
        stream.Load(text);
        return [.. stream.Documents.Select(document => document.RootNode)];
    }

    private static YamlNode At(YamlNode node, string path) =>
        path.Split('.').Aggregate(node, static (at, key) => at is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : new YamlScalarNode(""));

    private static string Text(YamlNode node, string path) => (At(node, path) as YamlScalarNode)?.Value ?? "";

    private static IEnumerable<YamlNode> List(YamlNode node, string path) => At(node, path) as YamlSequenceNode ?? [];

    private static IEnumerable<string> Texts(YamlNode node, string path) => List(node, path).Select(static item => ((YamlScalarNode)item).Value!);
}
