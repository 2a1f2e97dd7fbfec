using System.Globalization;
using System.Text.Json;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Scheduling.Model;

namespace TaaS.Benchmarks.Scheduling;

/// <summary>A snapshot's cluster as an API server has it: nodes, queues, flavors, jobs with their pods, and the daemons' pods on every node.</summary>
internal sealed class ApiObjects
{
    private const int DaemonsOfANode = 6;
    private const string Image = "registry/program:1";

    private readonly Gang[] _gangs;
    private readonly V1Node[] _nodes;
    private readonly QueueResource[] _queues;
    private readonly ResourceFlavorResource[] _flavors;
    private readonly TrainingJobResource[] _jobs;
    private readonly V1Pod[] _daemons;
    private readonly Dictionary<string, V1Pod[]> _pods;

    internal ApiObjects(ClusterSnapshot snapshot)
    {
        _gangs = [.. snapshot.Gangs];
        _nodes = [.. snapshot.Nodes.Select(Node)];
        _queues = [.. snapshot.Queues.Select(Queue)];
        _flavors = [.. snapshot.Flavors.Select(static flavor => new ResourceFlavorResource { Metadata = new V1ObjectMeta { Name = flavor.Name }, Spec = JsonSerializer.SerializeToElement(new { nodeLabels = flavor.Spec.NodeLabels }) })];
        _jobs = [.. _gangs.Select(Job)];
        _pods = _gangs.ToDictionary(static gang => gang.Id, Pods);
        _daemons = [.. snapshot.Nodes.SelectMany(static node => Enumerable.Range(0, DaemonsOfANode).Select(number => Daemon(node, number)))];
    }

    internal ClusterObjects Objects => new(_nodes, [.. _daemons, .. _pods.Values.SelectMany(static pods => pods)], _jobs, _queues, _flavors, uid => _pods[uid]);

    /// <summary>Some jobs and their pods come anew, as a watch brings them when something about them has changed.</summary>
    internal void Renew(Func<Gang, bool> isNew)
    {
        for (var job = 0; job < _jobs.Length; job++)
        {
            if (isNew(_gangs[job]))
            {
                _jobs[job] = Job(_gangs[job]);
                _pods[_gangs[job].Id] = Pods(_gangs[job]);
            }
        }
    }

    private static V1Node Node(Node node) => new()
    {
        Metadata = new V1ObjectMeta { Name = node.Name, Labels = node.Labels.ToDictionary() },
        Spec = new V1NodeSpec { Taints = [.. node.Taints.Select(static taint => new V1Taint { Key = taint.Key, Value = taint.Value, Effect = taint.Effect })] },
        Status = new V1NodeStatus { Allocatable = Quantities(node.Allocatable), Conditions = [new V1NodeCondition { Type = "Ready", Status = node.IsReady ? "True" : "False" }] },
    };

    private static QueueResource Queue(Queue queue) => new()
    {
        Metadata = new V1ObjectMeta { Name = queue.Name },
        Spec = JsonSerializer.SerializeToElement(new
        {
            cohort = queue.Spec.Cohort,
            weight = queue.Spec.Weight,
            quotas = queue.Spec.Quotas.Select(static quota => new { flavor = quota.Flavor, resources = quota.Resources.ToDictionary(static entry => entry.Key, static entry => new { nominal = entry.Value.Nominal.ToString() }) }),
        }),
    };

    private static TrainingJobResource Job(Gang gang)
    {
        var pods = gang.Placement?.Pods ?? [];
        var status = new TrainingJobStatus
        {
            Phase = pods.Count > 0 ? JobPhase.Running : JobPhase.Pending,
            Attempt = 1,
            SubmitTime = gang.SubmittedAt,
            StartTime = gang.PlacedAt,
            Placement = [.. pods.Select(static pod => new PodAssignment(pod.Role, pod.Index, pod.Node, pod.Flavor))],
        };
        return new TrainingJobResource
        {
            Metadata = new V1ObjectMeta { Name = gang.Id, NamespaceProperty = gang.Submitter.Namespace, Uid = gang.Id, CreationTimestamp = gang.SubmittedAt.UtcDateTime },
            Spec = JsonSerializer.SerializeToElement(new
            {
                program = new { image = Image },
                data = new { path = "/data" },
                queue = gang.Queue,
                priority = gang.Priority,
                // Several workers without a server form a ring.
                strategy = gang.PodSets is [{ Count: > 1 }] ? "ring" : "parameterServer",
                replicas = gang.PodSets.ToDictionary(static set => set.Role, static set => new { count = set.Count, resources = set.Requests.Amounts.ToDictionary(static amount => amount.Key, Text) }),
            }),
            Status = JsonSerializer.Deserialize<JsonElement>(status.ToJson()),
        };
    }

    private static V1Pod[] Pods(Gang gang) => [.. (gang.Placement?.Pods ?? []).Select(pod => new V1Pod
    {
        Metadata = new V1ObjectMeta
        {
            Name = PodNames.Pod(gang.Id, pod.Role, pod.Index),
            NamespaceProperty = gang.Submitter.Namespace,
            Uid = PodNames.Pod(gang.Id, pod.Role, pod.Index),
            Labels = new Dictionary<string, string>
            {
                [PodNames.UidLabel] = gang.Id,
                [PodNames.RoleLabel] = pod.Role,
                [PodNames.IndexLabel] = pod.Index.ToString(CultureInfo.InvariantCulture),
                [PodNames.AttemptLabel] = "1",
            },
            OwnerReferences = [new V1OwnerReference { Uid = gang.Id, Kind = TrainingJob.Kind, Name = gang.Id, ApiVersion = TrainingJob.ApiVersion }],
        },
        Spec = new V1PodSpec { NodeName = pod.Node, Containers = [Container(gang.PodSets.Single(set => set.Role == pod.Role).Requests)] },
        Status = new V1PodStatus { Phase = "Running" },
    })];

    private static V1Pod Daemon(Node node, int number) => new()
    {
        Metadata = new V1ObjectMeta { Name = $"daemon-{number}-{node.Name}", NamespaceProperty = "kube-system", Uid = $"daemon-{number}-{node.Name}", Labels = new Dictionary<string, string> { ["app"] = "daemon" } },
        Spec = new V1PodSpec { NodeName = node.Name, Containers = [Container(new ResourceList([KeyValuePair.Create("cpu", 333L), KeyValuePair.Create("memory", 1L << 30)]))] },
        Status = new V1PodStatus { Phase = "Running" },
    };

    private static V1Container Container(ResourceList requests) => new() { Name = "main", Resources = new V1ResourceRequirements { Requests = Quantities(requests) } };

    private static Dictionary<string, ResourceQuantity> Quantities(ResourceList list) => list.Amounts.ToDictionary(static amount => amount.Key, static amount => new ResourceQuantity(Text(amount)));

    private static string Text(KeyValuePair<string, long> amount) => amount.Key == "cpu" ? $"{amount.Value}m" : amount.Value.ToString(CultureInfo.InvariantCulture);
}
