using System.Globalization;

namespace TaaS.Jobs;

/// <summary>Names of what a job is made of on a cluster. They are fixed, so that a pod made twice is refused and not doubled.</summary>
public static class PodNames
{
    /// <summary>Longest name of a pod that is its host name too (a DNS label).</summary>
    public const int MaxLength = 63;

    /// <summary>Label: UID of the job.</summary>
    public const string UidLabel = TrainingJob.Group + "/job-uid";

    /// <summary>Label: name of the job.</summary>
    public const string JobLabel = TrainingJob.Group + "/job";

    /// <summary>Label: number of the attempt.</summary>
    public const string AttemptLabel = TrainingJob.Group + "/attempt";

    /// <summary>Label: role.</summary>
    public const string RoleLabel = TrainingJob.Group + "/role";

    /// <summary>Label: number within the role.</summary>
    public const string IndexLabel = TrainingJob.Group + "/index";

    /// <summary>Name, and host name, of a pod.</summary>
    public static string Pod(string job, string role, int index) => string.Create(CultureInfo.InvariantCulture, $"{job}-{role}-{index}");

    /// <summary>Where a pod listens, by the job's headless Service.</summary>
    public static string Address(string job, string nameSpace, string role, int index, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"{Pod(job, role, index)}.{job}.{nameSpace}.svc:{port}");

    /// <summary>Everyone's address: as many workers as there may ever be, so that those who join later need tell nobody.</summary>
    public static ClusterSpec Cluster(TrainingJob job, string nameSpace, int port) => new(
        Addresses(job, nameSpace, Role.ParameterServer, job.Spec.Servers, port),
        Addresses(job, nameSpace, Role.Worker, job.Spec.Replicas[Role.Worker].Most, port));

    private static string[] Addresses(TrainingJob job, string nameSpace, string role, int count, int port) =>
        [.. Enumerable.Range(0, count).Select(index => Address(job.Name, nameSpace, role, index, port))];
}
