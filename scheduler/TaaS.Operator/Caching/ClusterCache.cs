using k8s;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>What the operator knows of the cluster.</summary>
internal sealed class ClusterCache
{
    private readonly Dictionary<string, HashSet<string>> _podsByJob = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly NodeWatch _nodeWatch;

    /// <summary>Makes informers that do nothing before <see cref="StartAsync"/>.</summary>
    /// <param name="client">The server.</param>
    /// <param name="space">Namespace of jobs; null for all. Nodes and pods are the whole cluster's always: capacity is.</param>
    /// <param name="nodeGrace">How long a node may be not ready before it is lost.</param>
    /// <param name="time">Clock.</param>
    public ClusterCache(ApiClient client, string? space, TimeSpan nodeGrace, TimeProvider time)
    {
        Nodes = new Informer<V1Node>(client, ResourceKinds.Nodes, null, time);
        // Pods that have ended hold nothing, but ours tell how they ended.
        Pods = new Informer<V1Pod>(client, ResourceKinds.Pods, null, time);
        Queues = new Informer<QueueResource>(client, ResourceKinds.Queues, null, time);
        Flavors = new Informer<ResourceFlavorResource>(client, ResourceKinds.ResourceFlavors, null, time);
        Services = new Informer<V1Service>(client, ResourceKinds.Services, space, time) { LabelSelector = PodNames.UidLabel };
        Jobs = new Informer<TrainingJobResource>(client, ResourceKinds.TrainingJobs, space, time);
        _nodeWatch = new NodeWatch(Nodes.Store, nodeGrace, time);
        Pods.Store.Changed += IndexPod;
    }

    public Informer<V1Node> Nodes { get; }

    public Informer<V1Pod> Pods { get; }

    public Informer<QueueResource> Queues { get; }

    public Informer<ResourceFlavorResource> Flavors { get; }

    public Informer<V1Service> Services { get; }

    public Informer<TrainingJobResource> Jobs { get; }

    /// <summary>Since when nodes have not been ready, by our own clock.</summary>
    public NodeWatch NodeWatch => _nodeWatch;

    /// <summary>All that scheduling hangs on, as it is known now.</summary>
    public ClusterObjects Objects => new(Nodes.Store.All, Pods.Store.All, Jobs.Store.All, Queues.Store.All, Flavors.Store.All, PodsOf);

    /// <summary>Names of the kinds that are not known yet, with what the server said; empty when all is well.</summary>
    public IReadOnlyList<string> Troubles =>
        [.. new[] { Nodes.Trouble, Pods.Trouble, Queues.Trouble, Flavors.Trouble, Services.Trouble, Jobs.Trouble }.OfType<ApiException>().Select(static trouble => trouble.Message)];

    /// <summary>Told of list and watch failures, and of their end.</summary>
    public void OnTrouble(Action<string, ApiException?> tell)
    {
        Nodes.TroubleChanged += trouble => tell(ResourceKinds.Nodes.FullName, trouble);
        Pods.TroubleChanged += trouble => tell(ResourceKinds.Pods.FullName, trouble);
        Queues.TroubleChanged += trouble => tell(ResourceKinds.Queues.FullName, trouble);
        Flavors.TroubleChanged += trouble => tell(ResourceKinds.ResourceFlavors.FullName, trouble);
        Services.TroubleChanged += trouble => tell(ResourceKinds.Services.FullName, trouble);
        Jobs.TroubleChanged += trouble => tell(ResourceKinds.TrainingJobs.FullName, trouble);
    }

    /// <summary>Starts all; ready when nodes, then pods, then everything else has been listed: room is known before plans are, and plans before new ones are made.</summary>
    /// <returns>The informers' work, which ends when cancelled.</returns>
    public async Task<Task> StartAsync(CancellationToken cancel)
    {
        var work = new List<Task>();
        await Next(Nodes).ConfigureAwait(false);
        await Next(Pods).ConfigureAwait(false);
        await Next(Flavors).ConfigureAwait(false);
        await Next(Queues).ConfigureAwait(false);
        await Next(Services).ConfigureAwait(false);
        await Next(Jobs).ConfigureAwait(false);
        return Task.WhenAll(work);

        async Task Next<T>(Informer<T> informer)
            where T : class, IKubernetesObject<V1ObjectMeta>
        {
            work.Add(informer.RunAsync(cancel));
            await informer.Synced.WaitAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>The pods of a job, of whatever attempt.</summary>
    public IReadOnlyList<V1Pod> PodsOf(string jobUid)
    {
        string[] uids;
        lock (_lock)
        {
            uids = _podsByJob.TryGetValue(jobUid, out var known) ? [.. known] : [];
        }

        return [.. uids.Select(Pods.Store.Find).OfType<V1Pod>()];
    }

    /// <summary>A flavor by name; null where there is none, or none that holds.</summary>
    public ResourceFlavor? Flavor(string name)
    {
        try
        {
            return Flavors.Store.Find(null, name)?.Read();
        }
        catch (JobException)
        {
            return null;
        }
    }

    /// <summary>Jobs whose plan has a pod on a node.</summary>
    public IEnumerable<string> JobsOn(string node) =>
        Jobs.Store.All.Where(job => job.ReadStatus().Placement.Any(place => place.Node == node)).Select(static job => job.Metadata.Uid);

    private void IndexPod(V1Pod? before, V1Pod? after)
    {
        lock (_lock)
        {
            if (PodMarks.JobUid(before) is { } old && old != PodMarks.JobUid(after) && _podsByJob.TryGetValue(old, out var pods))
            {
                pods.Remove(before!.Metadata.Uid);
                if (pods.Count == 0)
                {
                    _podsByJob.Remove(old);
                }
            }

            if (after is not null && PodMarks.JobUid(after) is { } uid)
            {
                if (!_podsByJob.TryGetValue(uid, out var set))
                {
                    _podsByJob[uid] = set = new HashSet<string>(StringComparer.Ordinal);
                }

                set.Add(after.Metadata.Uid);
            }
        }
    }
}
