using System.Globalization;
using System.Text.Json;
using k8s;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator.Tests;

/// <summary>What is remembered from one snapshot to the next must never show: old news there would place gangs on nodes that are full.</summary>
public sealed class SnapshotBuilderTests
{
    private static readonly byte[] Key = [1, 2, 3];
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Snapshot_IsTheSame_WhateverWasReadBefore()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var cluster = new ChangingCluster(seed);
            for (var change = 0; change < 40; change++)
            {
                cluster.Change();
                var objects = cluster.Objects;

                Assert.Equal(Say(Copy(objects)), Say(objects));
            }
        }
    }

    [Fact]
    public void JobThatDidNotMove_IsTheSameGang()
    {
        var objects = new ChangingCluster(1).Objects;

        Assert.NotEmpty(Build(objects).Gangs);
        Assert.Equal(Build(objects).Gangs, Build(objects).Gangs, ReferenceEqualityComparer.Instance);
    }

    private static Scheduling.Model.ClusterSnapshot Build(ClusterObjects objects) => SnapshotBuilder.Build(objects, Now, static metadata => SubmitterStamp.Verified(metadata, Key));

    private static string Say(ClusterObjects objects) => JsonSerializer.Serialize(Build(objects));

    /// <summary>Equal objects that nobody has seen before.</summary>
    private static ClusterObjects Copy(ClusterObjects objects) =>
        ClusterObjects.Of(Copy(objects.Nodes), Copy(objects.Pods), Copy(objects.Jobs), Copy(objects.Queues), Copy(objects.Flavors));

    private static List<T> Copy<T>(IReadOnlyList<T> items) => [.. items.Select(static item => KubernetesJson.Deserialize<T>(KubernetesJson.Serialize(item)))];

    /// <summary>Three jobs, their pods, strangers' pods and two nodes, of which one object after another is replaced by a newer one.</summary>
    private sealed class ChangingCluster
    {
        private static readonly string[] NodeNames = ["a", "b"];

        private readonly Random _random;
        private readonly List<V1Node> _nodes;
        private readonly List<V1Pod> _pods;
        private readonly List<TrainingJobResource> _jobs;
        private List<ResourceFlavorResource> _flavors;

        public ChangingCluster(int seed)
        {
            _random = new Random(seed);
            _nodes = [.. NodeNames.Select(Node)];
            _jobs = [.. Enumerable.Range(0, 3).Select(Job)];
            _pods = [.. Enumerable.Range(0, 8).Select(Pod)];
            _flavors = [Flavor()];
        }

        public ClusterObjects Objects => ClusterObjects.Of([.. _nodes], [.. _pods], [.. _jobs], [], [.. _flavors]);

        public void Change()
        {
            switch (_random.Next(6))
            {
                case 0:
                    _nodes[_random.Next(_nodes.Count)] = Node(One("a", "b"));
                    break;
                case 1:
                    _flavors = _random.Next(4) == 0 ? [] : [Flavor()];
                    break;
                case 2 or 3:
                    var job = _random.Next(_jobs.Count);
                    _jobs[job] = Job(job);
                    break;
                default:
                    var pod = _random.Next(_pods.Count);
                    _pods[pod] = Pod(pod);
                    break;
            }
        }

        private T One<T>(params T[] choices) => choices[_random.Next(choices.Length)];

        private V1Node Node(string name) => new()
        {
            Metadata = new V1ObjectMeta { Name = name },
            Status = new V1NodeStatus { Allocatable = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(One("8", "16")), ["pods"] = new("110") }, Conditions = [new V1NodeCondition { Type = "Ready", Status = One("True", "False") }] },
        };

        private ResourceFlavorResource Flavor() => new()
        {
            Metadata = new V1ObjectMeta { Name = "small" },
            Spec = JsonSerializer.SerializeToElement(new { resources = new { cpu = One("1", "2") } }),
        };

        private TrainingJobResource Job(int number)
        {
            object worker = _random.Next(2) == 0 ? new { count = One(1, 2), flavor = "small" } : new { count = One(1, 2), resources = new { cpu = One("1", "3") } };
            var workers = (int)worker.GetType().GetProperty("count")!.GetValue(worker)!;
            var phase = One(JobPhase.Pending, JobPhase.Pending, JobPhase.Running, JobPhase.Succeeded, JobPhase.Suspended);
            var status = new TrainingJobStatus
            {
                Phase = phase,
                Attempt = One(1, 2),
                Placement = phase == JobPhase.Running ? [.. Enumerable.Range(0, workers).Select(index => new PodAssignment(Role.Worker, index, One("a", "b"), "small"))] : [],
                StartTime = Now - TimeSpan.FromMinutes(_random.Next(10, 20)),
                CompletionTime = phase == JobPhase.Succeeded ? Now : null,
            };
            var stamp = SubmitterStamp.Sign(One(Key, [4]), "team", One("alice", "bob"), "vision", Now);
            return new TrainingJobResource
            {
                Metadata = new V1ObjectMeta
                {
                    Name = $"job-{number}",
                    NamespaceProperty = "team",
                    Uid = $"uid-{number}",
                    CreationTimestamp = Now.UtcDateTime,
                    DeletionTimestamp = _random.Next(10) == 0 ? Now.UtcDateTime : null,
                    Annotations = stamp.Annotations.ToDictionary(static annotation => annotation.Name, static annotation => annotation.Value!),
                },
                Spec = JsonSerializer.SerializeToElement(new { program = new { image = "image" }, data = new { path = "/data" }, strategy = workers > 1 ? "ring" : "parameterServer", replicas = new { worker } }),
                Status = JsonDocument.Parse(status.ToJson()).RootElement,
            };
        }

        private V1Pod Pod(int number)
        {
            var uid = $"uid-{_random.Next(3)}";
            return new V1Pod
            {
                Metadata = new V1ObjectMeta
                {
                    Name = $"pod-{number}",
                    NamespaceProperty = "team",
                    Uid = $"pod-uid-{number}",
                    Labels = new Dictionary<string, string>
                    {
                        [PodNames.UidLabel] = uid,
                        [PodNames.RoleLabel] = Role.Worker,
                        [PodNames.IndexLabel] = _random.Next(2).ToString(CultureInfo.InvariantCulture),
                        [PodNames.AttemptLabel] = One("1", "2"),
                    },
                    OwnerReferences = _random.Next(4) == 0 ? null : [new V1OwnerReference { Uid = uid, Kind = TrainingJob.Kind, Name = "job", ApiVersion = TrainingJob.ApiVersion }],
                },
                Spec = new V1PodSpec { NodeName = One("a", "b", null), Containers = [new V1Container { Name = "main", Resources = new V1ResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(One("1", "4")) } } }] },
                Status = new V1PodStatus { Phase = One("Pending", "Running", "Running", "Succeeded", "Failed") },
            };
        }
    }
}
