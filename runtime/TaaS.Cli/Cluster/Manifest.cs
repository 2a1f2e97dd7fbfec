using System.Text.Json;
using System.Text.Json.Nodes;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Runtime;
using YamlDotNet.RepresentationModel;

namespace TaaS.Cli.Cluster;

/// <summary>A job file as an API server takes it.</summary>
internal static class Manifest
{
    /// <summary>Namespace that the file names; null for none.</summary>
    public static string? Namespace(string yaml) => Text(Metadata(yaml), "namespace");

    /// <summary>The resource: the job with all its defaults, and the labels and annotations of its file.</summary>
    /// <exception cref="ClusterException">The program is one of this machine.</exception>
    public static TrainingJobResource Of(TrainingJob job, string yaml, string space)
    {
        if (job.Spec.Program.Path is { } path)
        {
            throw new ClusterException($"spec.program.path: {path} is a program of this machine; for a cluster put it into an image (runtime/examples/custom-worker/Containerfile shows how) and name that in spec.program.image", ExitCode.Usage);
        }

        var metadata = Metadata(yaml);
        return new TrainingJobResource
        {
            Metadata = new k8s.Models.V1ObjectMeta
            {
                Name = job.Name,
                NamespaceProperty = space,
                Labels = Texts(metadata, "labels"),
                Annotations = Texts(metadata, "annotations"),
            },
            Spec = JsonSerializer.SerializeToElement(job.ToJson()["spec"]),
        };
    }

    // The file has been read and found sound before.
    private static YamlMappingNode Metadata(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return (YamlMappingNode)stream.Documents[0].RootNode["metadata"];
    }

    private static string? Text(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var node) && node is YamlScalarNode { Value.Length: > 0 } scalar ? scalar.Value : null;

    private static Dictionary<string, string>? Texts(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var node) && node is YamlMappingNode { Children.Count: > 0 } texts
            ? texts.Children.ToDictionary(static entry => ((YamlScalarNode)entry.Key).Value ?? "", static entry => (entry.Value as YamlScalarNode)?.Value ?? "", StringComparer.Ordinal)
            : null;
}
