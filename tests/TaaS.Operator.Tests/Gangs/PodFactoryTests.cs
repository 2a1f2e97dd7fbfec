using k8s;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Scheduling.Model;

namespace TaaS.Operator.Tests;

/// <summary>What of a job reaches its pods: each field that got lost here would be a promise of the job file broken on a cluster.</summary>
public sealed class PodFactoryTests
{
    private const string Text = """
        apiVersion: taas.dev/v1alpha1
        kind: TrainingJob
        metadata: {name: whole}
        spec:
          program: {image: "registry/user:1", command: [python, train.py]}
          data: {path: /data, volume: {hostPath: /srv/data}}
          output: {path: /runs, volume: {claim: runs}}
          replicas:
            ps: {count: 1, resources: {cpu: 1, memory: 2Gi}}
            worker:
              count: 2
              min: 1
              max: 3
              resources: {cpu: 500m, memory: 4Gi, nvidia.com/gpu: 1}
              nodeSelector: {disk: fast}
              tolerations: [{key: team, operator: Equal, value: vision, effect: NoSchedule}]
              affinity:
                nodeAffinity:
                  requiredDuringSchedulingIgnoredDuringExecution:
                    nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: [a, b]}]}]
              env: {NCCL_DEBUG: INFO}
        """;

    private readonly TrainingJob _job = TrainingJob.Parse(Text);
    private readonly TrainingJobResource _resource = new() { Metadata = new V1ObjectMeta { Name = "whole", NamespaceProperty = "team", Uid = "0123456789abcdef" } };

    [Fact]
    public void Worker_HasAllOfItsReplica()
    {
        var pod = Make(new PodAssignment(Role.Worker, 2, "node-1", "gpu"));
        var container = Assert.Single(pod.Spec.Containers);

        Assert.Equal("registry/user:1", container.Image);
        Assert.Equal(["python", "train.py"], container.Command);
        Assert.Null(container.Args);
        Assert.Equal("500m", container.Resources.Requests["cpu"].ToString());
        Assert.Equal(["memory", "nvidia.com/gpu"], container.Resources.Limits.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("fast", pod.Spec.NodeSelector["disk"]);
        Assert.Equal("zone", pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms.Single().MatchExpressions.Single().Key);
        Assert.Equal(["nvidia.com/gpu", "team"], pod.Spec.Tolerations.Select(static toleration => toleration.Key).Order(StringComparer.Ordinal));
        Assert.Contains(container.Env, static variable => variable is { Name: "NCCL_DEBUG", Value: "INFO" });
        Assert.Null(pod.Spec.NodeName);
    }

    [Fact]
    public void Volumes_AreMountedWhereTheJobSays_DataReadOnly()
    {
        var pod = Make(new PodAssignment(Role.Worker, 0, "node-1", "gpu"));
        var mounts = pod.Spec.Containers[0].VolumeMounts.ToDictionary(static mount => mount.MountPath);

        Assert.Equal("/srv/data", pod.Spec.Volumes.Single(volume => volume.Name == mounts["/data"].Name).HostPath.Path);
        Assert.True(mounts["/data"].ReadOnlyProperty);
        Assert.Equal("runs", pod.Spec.Volumes.Single(volume => volume.Name == mounts["/runs"].Name).PersistentVolumeClaim.ClaimName);
        Assert.Null(mounts["/runs"].ReadOnlyProperty);
        Assert.Equal("whole-taas", pod.Spec.Volumes.Single(volume => volume.Name == mounts["/run/taas"].Name).Secret.SecretName);
    }

    [Fact]
    public void RunFolder_IsTheJobsOwn_AndTheSameInEveryAttempt()
    {
        var place = new PodAssignment(Role.Worker, 0, "node-1", "gpu");
        var first = Variable(Make(place, attempt: 1), "TAAS_RUN_FOLDER");

        Assert.Equal("/runs/whole-01234567", first);
        Assert.Equal(first, Variable(Make(place, attempt: 2), "TAAS_RUN_FOLDER"));
    }

    [Fact]
    public void Addresses_AreThoseOfEveryWorkerThatMayEverBe_ForTensorFlowThoseOfTheStart()
    {
        var pod = Make(new PodAssignment(Role.Worker, 0, "node-1", "gpu"));

        Assert.Equal(3, TaskConfig.Parse(Variable(pod, "TAAS_CONFIG")).Cluster.Workers.Count);
        Assert.Equal(2, TaskConfig.Parse(Variable(pod, "TF_CONFIG")).Cluster.Workers.Count);
    }

    [Fact]
    public void FlavorsSize_IsTheReplicasWhereItNamesNoOther()
    {
        var replica = new ReplicaSpec { Flavor = "gpu" };

        Assert.Equal(["cpu"], PodSets.Size(replica, Flavor).Keys);
        Assert.Empty(PodSets.Size(new ReplicaSpec(), Flavor));
    }

    [Fact]
    public void Pod_IsWhatAnApiServerTakes() =>
        Assert.DoesNotContain("null", KubernetesJson.Serialize(Make(new PodAssignment(Role.ParameterServer, 0, "node-1", "gpu"))), StringComparison.Ordinal);

    private static ResourceFlavor Flavor { get; } = ResourceFlavor.Parse("""
        apiVersion: taas.dev/v1alpha1
        kind: ResourceFlavor
        metadata: {name: gpu}
        spec:
          resources: {cpu: 8}
          nodeTaints: [{key: nvidia.com/gpu, value: present, effect: NoSchedule}]
        """);

    private V1Pod Make(PodAssignment place, int attempt = 1) => new PodFactory(new OperatorOptions(), static _ => Flavor).Make(_resource, _job, place, attempt);

    private static string Variable(V1Pod pod, string name) => pod.Spec.Containers[0].Env.Single(variable => variable.Name == name).Value;
}
