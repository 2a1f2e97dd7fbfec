using System.Globalization;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Scheduling.Model;

namespace TaaS.Operator;

/// <summary>Makes the pod of one place in a plan.</summary>
internal sealed class PodFactory
{
    /// <summary>Scheduler that pods name, so that no other takes them.</summary>
    public const string SchedulerName = "taas-scheduler";

    private const string SecretPath = "/run/taas";
    private const string SecretVolume = "taas";
    private const string DataVolume = "data";
    private const string OutputVolume = "output";
    private const string WorkVolume = "work";

    /// <summary>A role that is told to stop saves first; the runtime ends by itself after 18 s.</summary>
    private const int GraceSeconds = 30;

    private readonly OperatorOptions _options;
    private readonly Func<string, ResourceFlavor?> _flavor;

    /// <param name="options">Image and pull policy.</param>
    /// <param name="flavor">Finds a flavor by name.</param>
    public PodFactory(OperatorOptions options, Func<string, ResourceFlavor?> flavor) => (_options, _flavor) = (options, flavor);

    /// <summary>The pod, without a node: it is bound afterwards.</summary>
    public V1Pod Make(TrainingJobResource resource, TrainingJob job, PodAssignment place, int attempt)
    {
        var replica = job.Spec.Replicas[place.Role];
        var flavor = _flavor(place.Flavor);
        var name = PodNames.Pod(resource.Metadata.Name, place.Role, place.Index);
        var labels = GangObjects.Labels(resource);
        labels[PodNames.AttemptLabel] = attempt.ToString(CultureInfo.InvariantCulture);
        labels[PodNames.RoleLabel] = place.Role;
        labels[PodNames.IndexLabel] = place.Index.ToString(CultureInfo.InvariantCulture);
        return new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = resource.Metadata.NamespaceProperty,
                Labels = labels,
                Annotations = new Dictionary<string, string> { [PodMarks.Flavor] = place.Flavor },
                OwnerReferences = [GangObjects.Owner(resource)],
            },
            Spec = new V1PodSpec
            {
                SchedulerName = SchedulerName,
                RestartPolicy = "Never",
                Hostname = name,
                Subdomain = resource.Metadata.Name,
                TerminationGracePeriodSeconds = GraceSeconds,
                // Service links of a namespace with many jobs would fill the environment.
                EnableServiceLinks = false,
                AutomountServiceAccountToken = false,
                NodeSelector = replica.NodeSelector.Count > 0 ? replica.NodeSelector.ToDictionary() : null,
                Affinity = Affinity(replica.Affinity),
                Tolerations = Tolerations(replica, flavor),
                Containers = [Container(resource, job, place, replica, flavor)],
                Volumes = Volumes(resource, job),
            },
        };
    }

    private V1Container Container(TrainingJobResource resource, TrainingJob job, PodAssignment place, ReplicaSpec replica, ResourceFlavor? flavor)
    {
        var program = job.Spec.Program;
        var resources = PodSets.Size(replica, flavor);
        var amounts = resources.ToDictionary(static entry => entry.Key, static entry => new ResourceQuantity(entry.Value.Text), StringComparer.Ordinal);
        var limits = resources.Where(static entry => entry.Key == ResourceName.Memory || ResourceName.NeedsLimit(entry.Key)).ToDictionary(static entry => entry.Key, static entry => new ResourceQuantity(entry.Value.Text), StringComparer.Ordinal);
        return new V1Container
        {
            Name = place.Role,
            Image = program.Image ?? job.Spec.Image ?? _options.RoleImage,
            ImagePullPolicy = _options.ImagePullPolicy,
            Command = program.Command.Count > 0 ? [.. program.Command] : null,
            // Our image's entry is the command itself; a user's image starts as it is made to.
            Args = program.Image is null ? ["role"] : null,
            Env = Environment(resource, job, place, replica),
            Ports = [new V1ContainerPort { Name = "roles", ContainerPort = GangObjects.Port }, new V1ContainerPort { Name = "metrics", ContainerPort = GangObjects.HttpPort }],
            Resources = new V1ResourceRequirements { Requests = amounts, Limits = limits.Count > 0 ? limits : null },
            VolumeMounts = Mounts(job),
            // A failed role's last words stand in its status, for conditions to repeat.
            TerminationMessagePolicy = "FallbackToLogsOnError",
        };
    }

    private static List<V1EnvVar> Environment(TrainingJobResource resource, TrainingJob job, PodAssignment place, ReplicaSpec replica)
    {
        var task = new TaskSpec(place.Role, place.Index);
        var cluster = PodNames.Cluster(job, resource.Metadata.NamespaceProperty, GangObjects.Port);
        // TensorFlow waits for everyone it is told of: those who are there from the start.
        var fixedCluster = cluster with { Workers = [.. cluster.Workers.Take(job.Spec.Workers)] };
        var variables = new List<V1EnvVar>
        {
            new() { Name = TaskConfig.EnvironmentVariable, Value = new TaskConfig(cluster, task).ToJson() },
            new() { Name = TaskConfig.TensorFlowVariable, Value = new TaskConfig(fixedCluster, task).ToJson() },
            new() { Name = RoleVariables.Job, Value = $"{SecretPath}/{GangObjects.JobKey}" },
            new() { Name = RoleVariables.SecretFile, Value = $"{SecretPath}/{GangObjects.SecretKey}" },
            new() { Name = RoleVariables.Folder, Value = GangObjects.RunFolder(resource, job) },
            new() { Name = RoleVariables.Http, Value = $"0.0.0.0:{GangObjects.HttpPort}" },
        };
        var own = replica.Env.Keys.ToHashSet(StringComparer.Ordinal);
        variables.RemoveAll(variable => own.Contains(variable.Name));
        variables.AddRange(replica.Env.Select(static entry => new V1EnvVar { Name = entry.Key, Value = entry.Value }));
        return variables;
    }

    private static List<V1VolumeMount> Mounts(TrainingJob job)
    {
        var mounts = new List<V1VolumeMount> { new() { Name = SecretVolume, MountPath = SecretPath, ReadOnlyProperty = true } };
        if (job.Spec.DataVolume is not null)
        {
            mounts.Add(new V1VolumeMount { Name = DataVolume, MountPath = job.Spec.DataPath, ReadOnlyProperty = job.Spec.DataVolume.EmptyDir ? null : true });
        }

        if (job.Spec.OutputVolume is not null)
        {
            mounts.Add(new V1VolumeMount { Name = OutputVolume, MountPath = job.Spec.OutputPath });
        }
        else if (job.Spec.OutputPath.StartsWith('/'))
        {
            mounts.Add(new V1VolumeMount { Name = WorkVolume, MountPath = job.Spec.OutputPath });
        }

        return mounts;
    }

    private static List<V1Volume> Volumes(TrainingJobResource resource, TrainingJob job)
    {
        var volumes = new List<V1Volume>
        {
            new() { Name = SecretVolume, Secret = new V1SecretVolumeSource { SecretName = GangObjects.SecretName(resource.Metadata.Name) } },
        };
        if (job.Spec.DataVolume is { } data)
        {
            volumes.Add(Volume(DataVolume, data, isReadOnly: true));
        }

        if (job.Spec.OutputVolume is { } output)
        {
            volumes.Add(Volume(OutputVolume, output, isReadOnly: false));
        }
        else if (job.Spec.OutputPath.StartsWith('/'))
        {
            volumes.Add(new V1Volume { Name = WorkVolume, EmptyDir = new V1EmptyDirVolumeSource() });
        }

        return volumes;
    }

    private static V1Volume Volume(string name, VolumeSpec volume, bool isReadOnly) => volume switch
    {
        { Claim: { } claim } => new V1Volume { Name = name, PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = claim, ReadOnlyProperty = isReadOnly ? true : null } },
        { HostPath: { } path } => new V1Volume { Name = name, HostPath = new V1HostPathVolumeSource { Path = path, Type = isReadOnly ? "Directory" : "DirectoryOrCreate" } },
        { Nfs: { } nfs } => new V1Volume { Name = name, Nfs = new V1NFSVolumeSource { Server = nfs.Server, Path = nfs.Path, ReadOnlyProperty = isReadOnly ? true : null } },
        _ => new V1Volume { Name = name, EmptyDir = new V1EmptyDirVolumeSource() },
    };

    private static List<V1Toleration>? Tolerations(ReplicaSpec replica, ResourceFlavor? flavor)
    {
        var tolerations = replica.Tolerations.Concat((flavor?.Spec.NodeTaints ?? []).Select(static taint => new Toleration(taint.Key, "Equal", taint.Value, taint.Effect))).Distinct().ToList();
        return tolerations.Count == 0 ? null : [.. tolerations.Select(static toleration => new V1Toleration
        {
            Key = toleration.Key.Length > 0 ? toleration.Key : null,
            OperatorProperty = toleration.Operator,
            Value = toleration.Value.Length > 0 ? toleration.Value : null,
            Effect = toleration.Effect.Length > 0 ? toleration.Effect : null,
            TolerationSeconds = toleration.Seconds,
        })];
    }

    private static V1Affinity? Affinity(NodeAffinity affinity) => affinity.Required.Count == 0 && affinity.Preferred.Count == 0 ? null : new V1Affinity
    {
        NodeAffinity = new V1NodeAffinity
        {
            RequiredDuringSchedulingIgnoredDuringExecution = affinity.Required.Count == 0 ? null : new V1NodeSelector { NodeSelectorTerms = [.. affinity.Required.Select(Term)] },
            PreferredDuringSchedulingIgnoredDuringExecution = affinity.Preferred.Count == 0 ? null : [.. affinity.Preferred.Select(static term => new V1PreferredSchedulingTerm { Weight = term.Weight, Preference = Term(term.Term) })],
        },
    };

    private static V1NodeSelectorTerm Term(NodeSelectorTerm term) => new()
    {
        MatchExpressions = term.Expressions.Count == 0 ? null : [.. term.Expressions.Select(Requirement)],
        MatchFields = term.Fields.Count == 0 ? null : [.. term.Fields.Select(Requirement)],
    };

    private static V1NodeSelectorRequirement Requirement(NodeRequirement requirement) => new()
    {
        Key = requirement.Key,
        OperatorProperty = requirement.Operator,
        Values = requirement.Values.Count > 0 ? [.. requirement.Values] : null,
    };
}
