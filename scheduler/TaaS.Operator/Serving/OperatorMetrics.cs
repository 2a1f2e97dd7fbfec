using Prometheus;
using TaaS.Kubernetes;
using TaaS.Scheduling.Model;

namespace TaaS.Operator;

/// <summary>What Prometheus is told.</summary>
internal sealed class OperatorMetrics
{
    private const string Gpu = "nvidia.com/gpu";

    private readonly Gauge _depth;
    private readonly Gauge _running;
    private readonly Gauge _gpus;
    private readonly Histogram _wait;
    private readonly Histogram _pass;
    private readonly Counter _binds;
    private readonly Counter _admissions;
    private readonly Counter _preemptions;
    private readonly Gauge _leads;

    public OperatorMetrics()
    {
        Registry = Metrics.NewCustomRegistry();
        var factory = Metrics.WithCustomRegistry(Registry);
        _depth = factory.CreateGauge("taas_queue_depth", "Jobs that wait, by queue and reason.", "queue", "reason");
        _running = factory.CreateGauge("taas_queue_running", "Jobs that hold a placement, by queue.", "queue");
        _gpus = factory.CreateGauge("taas_queue_gpus", "GPUs that a queue's jobs hold, by queue and resource.", "queue", "resource");
        _wait = factory.CreateHistogram("taas_queue_wait_seconds", "From submission to admission, by queue.", ["queue"], new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.5, 2, 20) });
        _pass = factory.CreateHistogram("taas_scheduling_pass_seconds", "Snapshot and decision of a scheduling pass.", new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.0005, 2, 16) });
        _binds = factory.CreateCounter("taas_binds_total", "Pods bound to nodes.");
        _admissions = factory.CreateCounter("taas_admissions_total", "Gangs admitted, by queue.", "queue");
        _preemptions = factory.CreateCounter("taas_preemptions_total", "Gangs stopped for others, by cause.", "cause");
        _leads = factory.CreateGauge("taas_operator_leader", "1 while this replica leads.");
    }

    public CollectorRegistry Registry { get; }

    /// <summary>Pods bound so far.</summary>
    public double Binds => _binds.Value;

    public void Bound() => _binds.Inc();

    public void Leads(bool leads) => _leads.Set(leads ? 1 : 0);

    public void Preempted(PreemptionCause cause) => _preemptions.WithLabels(cause.ToString()).Inc();

    /// <summary>A job was admitted.</summary>
    public void Admitted(TrainingJobResource? resource, DateTimeOffset now)
    {
        if (resource is not null)
        {
            var queue = resource.Read().Spec.Queue;
            _admissions.WithLabels(queue).Inc();
            if (resource.ReadStatus() is { Attempt: 1, SubmitTime: { } submitted })
            {
                _wait.WithLabels(queue).Observe(Math.Max(0, (now - submitted).TotalSeconds));
            }
        }
    }

    /// <summary>A pass has been made.</summary>
    public void Passed(TimeSpan took, ClusterSnapshot snapshot, SchedulingPass pass)
    {
        _pass.Observe(took.TotalSeconds);
        var queues = snapshot.Gangs.ToDictionary(static gang => gang.Id, static gang => gang.Queue, StringComparer.Ordinal);
        Show(_depth, pass.Waiting.GroupBy(verdict => (queues.GetValueOrDefault(verdict.GangId, ""), verdict.Reason.ToString())).Select(static group => (new[] { group.Key.Item1, group.Key.Item2 }, (double)group.Count())));
        var placed = snapshot.Gangs.Where(static gang => gang.Placement is not null).ToList();
        Show(_running, placed.GroupBy(static gang => gang.Queue).Select(static group => (new[] { group.Key }, (double)group.Count())));
        Show(_gpus, placed.SelectMany(Gpus).GroupBy(static use => (use.Queue, use.Resource)).Select(static group => (new[] { group.Key.Queue, group.Key.Resource }, (double)group.Sum(static use => use.Amount))));
    }

    private static IEnumerable<(string Queue, string Resource, long Amount)> Gpus(Gang gang) =>
        from role in gang.Placement!.Pods.CountBy(static pod => pod.Role)
        from amount in (gang.PodSets.FirstOrDefault(set => set.Role == role.Key)?.Requests ?? ResourceList.Empty).Amounts
        where amount.Key.StartsWith(Gpu, StringComparison.Ordinal) || amount.Key.StartsWith("nvidia.com/mig-", StringComparison.Ordinal)
        select (gang.Queue, amount.Key, amount.Value * role.Value);

    // What is no longer there is zero, not what it was.
    private static void Show(Gauge gauge, IEnumerable<(string[] Labels, double Value)> values)
    {
        var left = gauge.GetAllLabelValues().Select(static labels => string.Join('\n', labels)).ToHashSet(StringComparer.Ordinal);
        foreach (var (labels, value) in values)
        {
            gauge.WithLabels(labels).Set(value);
            left.Remove(string.Join('\n', labels));
        }

        foreach (var gone in left)
        {
            gauge.RemoveLabelled(gone.Split('\n'));
        }
    }
}
