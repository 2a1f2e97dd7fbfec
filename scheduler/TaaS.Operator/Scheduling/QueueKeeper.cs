using System.Globalization;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Scheduling.Model;

namespace TaaS.Operator;

/// <summary>Keeps the statuses of queues: how many wait and run, what they use, and what is wrong.</summary>
internal sealed class QueueKeeper
{
    /// <summary>Least time between two writes.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ClusterCache _cache;
    private readonly StatusWriter _writer;
    private readonly OperatorLog _log;
    private readonly TimeProvider _time;
    private DateTimeOffset _last = DateTimeOffset.MinValue;

    public QueueKeeper(ClusterCache cache, StatusWriter writer, OperatorLog log, TimeProvider time) => (_cache, _writer, _log, _time) = (cache, writer, log, time);

    /// <summary>Writes what a pass showed of the queues, at most once a second.</summary>
    /// <returns>False if it was too soon: another pass is to show it.</returns>
    public async Task<bool> UpdateAsync(ClusterSnapshot snapshot, SchedulingPass pass, CancellationToken cancel)
    {
        var now = _time.GetUtcNow();
        if (now - _last < Interval && now >= _last)
        {
            return false;
        }

        _last = now;
        var placements = snapshot.Gangs.Where(static gang => gang.Placement is not null).ToDictionary(static gang => gang.Id, static gang => gang.Placement!, StringComparer.Ordinal);
        foreach (var admission in pass.Admitted)
        {
            placements[admission.GangId] = admission.Placement;
        }

        var gangs = snapshot.Gangs.ToLookup(static gang => gang.Queue, StringComparer.Ordinal);
        foreach (var resource in _cache.Queues.Store.All)
        {
            try
            {
                await _writer.WriteAsync(resource, Status(resource, [.. gangs[resource.Metadata.Name]], snapshot, placements, now), cancel).ConfigureAwait(false);
            }
            catch (ApiException error)
            {
                // Another pass follows; a status that is late harms nobody.
                _log.QueueStatusFailed(resource.Metadata.Name, error.Message);
            }
        }

        return true;
    }

    private QueueStatus Status(QueueResource resource, List<Gang> gangs, ClusterSnapshot snapshot, Dictionary<string, Placement> placements, DateTimeOffset now)
    {
        var usage = Usage(gangs, placements);
        var status = resource.ReadStatus() with
        {
            ObservedGeneration = resource.Metadata.Generation ?? 0,
            Waiting = gangs.Count(gang => !placements.ContainsKey(gang.Id)),
            Running = gangs.Count(gang => placements.ContainsKey(gang.Id)),
            Usage = [.. usage.OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => new FlavorUsage(entry.Key, entry.Value.Amounts.OrderBy(static amount => amount.Key, StringComparer.Ordinal).ToDictionary(static amount => amount.Key, static amount => Format(amount.Key, amount.Value))))],
        };
        Queue queue;
        try
        {
            queue = resource.Read();
        }
        catch (JobException problem)
        {
            return status.With(new Condition(ConditionType.Active, ConditionStatus.False, Reason.InvalidSpec, problem.Message, now));
        }

        return status.With(Active(queue, now)).With(OverQuota(queue, usage, snapshot, now));
    }

    private Condition Active(Queue queue, DateTimeOffset now)
    {
        var missing = queue.Spec.Quotas.Select(static quota => quota.Flavor).Where(flavor => _cache.Flavors.Store.Find(null, flavor) is null).ToList();
        return (missing, queue.Spec.Hold) switch
        {
            ({ Count: > 0 }, _) => new Condition(ConditionType.Active, ConditionStatus.False, Reason.FlavorNotFound, $"there is no ResourceFlavor {string.Join(", ", missing)}; jobs get along with the others", now),
            (_, true) => new Condition(ConditionType.Active, ConditionStatus.False, Reason.QueueOnHold, "spec.hold is true: no new job is taken in", now),
            _ => new Condition(ConditionType.Active, ConditionStatus.True, Reason.Ready, "takes jobs in", now),
        };
    }

    private static Condition OverQuota(Queue queue, Dictionary<string, ResourceList> usage, ClusterSnapshot snapshot, DateTimeOffset now)
    {
        foreach (var (flavor, used) in usage.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            var quota = queue.Spec.Quotas.FirstOrDefault(quota => quota.Flavor == flavor);
            foreach (var (resource, amount) in used.Amounts.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
            {
                var limit = quota?.Resources.GetValueOrDefault(resource);
                if (limit is { BorrowingLimit: null } && queue.Spec.Cohort.Length > 0)
                {
                    // It may borrow without limit.
                    continue;
                }

                var most = limit is null ? 0 : limit.Nominal.Value + (limit.BorrowingLimit?.Value ?? 0);
                if (amount > most * ResourceList.Scale(resource) && (limit is not null || IsTracked(snapshot, resource)))
                {
                    return new Condition(ConditionType.OverQuota, ConditionStatus.True, Reason.QuotaBelowUse, $"{Format(resource, amount)} {resource} of flavor {flavor} is in use, the quota allows {Format(resource, (long)(most * ResourceList.Scale(resource)))}; what runs goes on, nothing new starts", now);
                }
            }
        }

        return new Condition(ConditionType.OverQuota, ConditionStatus.False, Reason.Ready, "use is within quota", now);
    }

    // A resource that no queue has a quota for is not counted.
    private static bool IsTracked(ClusterSnapshot snapshot, string resource) =>
        snapshot.Queues.Any(queue => queue.Spec.Quotas.Any(quota => quota.Resources.ContainsKey(resource)));

    private static Dictionary<string, ResourceList> Usage(List<Gang> gangs, Dictionary<string, Placement> placements)
    {
        var usage = new ResourceSums();
        foreach (var gang in gangs.Where(gang => placements.ContainsKey(gang.Id)))
        {
            var requests = gang.PodSets.ToDictionary(static set => set.Role, static set => set.Requests, StringComparer.Ordinal);
            foreach (var ((role, flavor), count) in placements[gang.Id].Pods.CountBy(static pod => (pod.Role, pod.Flavor)))
            {
                usage.Add(flavor, requests.GetValueOrDefault(role, ResourceList.Empty), count);
            }
        }

        return usage.Names.ToDictionary(static flavor => flavor, flavor => usage[flavor], StringComparer.Ordinal);
    }

    private static string Format(string resource, long amount)
    {
        if (resource == ResourceName.Cpu)
        {
            return amount % 1000 == 0 ? (amount / 1000).ToString(CultureInfo.InvariantCulture) : $"{amount}m";
        }

        foreach (var (suffix, size) in (ReadOnlySpan<(string, long)>)[("Ti", 1L << 40), ("Gi", 1L << 30), ("Mi", 1L << 20)])
        {
            if (amount >= size && amount % size == 0)
            {
                return $"{amount / size}{suffix}";
            }
        }

        return amount.ToString(CultureInfo.InvariantCulture);
    }
}
