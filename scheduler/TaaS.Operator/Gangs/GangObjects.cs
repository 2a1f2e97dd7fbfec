using System.Globalization;
using System.Security.Cryptography;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>What a job is made of on a cluster, beside its pods: a headless Service that gives them names, and a Secret with the job and what its roles share.</summary>
internal static class GangObjects
{
    /// <summary>Port that every role listens on.</summary>
    public const int Port = 2222;

    /// <summary>Port of a role's metrics and health.</summary>
    public const int HttpPort = 9090;

    /// <summary>Key of the job in the Secret.</summary>
    public const string JobKey = "job.yaml";

    /// <summary>Key of the roles' shared secret.</summary>
    public const string SecretKey = "secret";

    private const int SecretBytes = 32;

    /// <summary>Name of the Secret.</summary>
    public static string SecretName(string job) => $"{job}-taas";

    /// <summary>The Secret; its random part is the job's for life, so that any attempt's roles understand each other.</summary>
    public static V1Secret Secret(TrainingJobResource resource, TrainingJob job) => new()
    {
        ApiVersion = "v1",
        Kind = "Secret",
        Metadata = Metadata(resource, SecretName(resource.Metadata.Name)),
        Type = "Opaque",
        Data = new Dictionary<string, byte[]>
        {
            [JobKey] = System.Text.Encoding.UTF8.GetBytes(job.ToYaml()),
            [SecretKey] = System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes))),
        },
    };

    /// <summary>The Service. Names stand before pods are ready: roles find each other while they start.</summary>
    public static V1Service Service(TrainingJobResource resource) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = Metadata(resource, resource.Metadata.Name),
        Spec = new V1ServiceSpec
        {
            ClusterIP = "None",
            PublishNotReadyAddresses = true,
            Selector = new Dictionary<string, string> { [PodNames.UidLabel] = resource.Metadata.Uid },
            Ports = [new V1ServicePort { Name = "roles", Port = Port, TargetPort = Port }, new V1ServicePort { Name = "metrics", Port = HttpPort, TargetPort = HttpPort }],
        },
    };

    /// <summary>Labels of all that belongs to a job.</summary>
    public static Dictionary<string, string> Labels(TrainingJobResource resource) => new(StringComparer.Ordinal)
    {
        ["app.kubernetes.io/managed-by"] = "taas-operator",
        [PodNames.UidLabel] = resource.Metadata.Uid,
        [PodNames.JobLabel] = resource.Metadata.Name,
    };

    /// <summary>Deleted with the job.</summary>
    public static V1OwnerReference Owner(TrainingJobResource resource) => new()
    {
        ApiVersion = resource.ApiVersion,
        Kind = resource.Kind,
        Name = resource.Metadata.Name,
        Uid = resource.Metadata.Uid,
        Controller = true,
        BlockOwnerDeletion = true,
    };

    /// <summary>Folder of the job's runs on its output volume. Its own even where a name is used again, so that no checkpoint of another job is taken for its own.</summary>
    public static string RunFolder(TrainingJobResource resource, TrainingJob job) =>
        string.Create(CultureInfo.InvariantCulture, $"{job.Spec.OutputPath.TrimEnd('/')}/{resource.Metadata.Name}-{resource.Metadata.Uid[..Math.Min(8, resource.Metadata.Uid.Length)]}");

    private static V1ObjectMeta Metadata(TrainingJobResource resource, string name) => new()
    {
        Name = name,
        NamespaceProperty = resource.Metadata.NamespaceProperty,
        Labels = Labels(resource),
        OwnerReferences = [Owner(resource)],
    };
}
