using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Simulation;

/// <summary>Integrates over virtual time what is held of the cluster, by whom, and what lies idle.</summary>
internal sealed class UseMeter
{
    private readonly Workload _workload;
    private readonly DateTimeOffset _lastSubmission;
    private readonly Dictionary<string, QueueMeter> _queues;
    private readonly List<UsePoint> _points = [];
    private DateTimeOffset _at;
    private Reading _now;
    private Integral _whole;
    private Integral _submitting;
    private double _unusableSeconds;
    private double _gangWaitsSeconds;

    public UseMeter(Workload workload, DateTimeOffset first, DateTimeOffset last)
    {
        (_workload, _at, _lastSubmission) = (workload, first, last);
        var entitled = Entitlement.Of(workload);
        _queues = workload.Queues.ToDictionary(static queue => queue.Name, queue => new QueueMeter(entitled[queue.Name]), StringComparer.Ordinal);
    }

    /// <summary>Until when it has integrated.</summary>
    public DateTimeOffset At => _at;

    public double GpuUtilisation => _whole.Gpu;

    public double GpuUtilisationWhileSubmitting => _submitting.Gpu;

    public double CpuUtilisation => _whole.Cpu;

    public double Fragmentation => _gangWaitsSeconds > 0 ? _unusableSeconds / _gangWaitsSeconds : 0;

    public double Fairness => Statistics.JainIndex([.. _queues.Values.Where(static queue => queue.WantedSeconds > 0 && queue.Entitled > 0).Select(static queue => queue.ShareWhileWanting / queue.Entitled)]);

    public IReadOnlyList<UsePoint> Points => _points;

    public (double Share, double Entitled) Queue(string name) =>
        _queues.TryGetValue(name, out var queue) ? (queue.ShareWhileActive, queue.Entitled) : (0, 0);

    /// <summary>What was read last has held until now.</summary>
    public void Advance(DateTimeOffset now)
    {
        Integrate(ref _whole, (now - _at).TotalSeconds);
        if (_at < _lastSubmission)
        {
            Integrate(ref _submitting, ((now < _lastSubmission ? now : _lastSubmission) - _at).TotalSeconds);
        }

        var seconds = (now - _at).TotalSeconds;
        foreach (var queue in _queues.Values)
        {
            queue.Advance(seconds);
        }

        if (_now.Unusable is { } unusable)
        {
            _unusableSeconds += unusable * seconds;
            _gangWaitsSeconds += seconds;
        }

        _at = now;
    }

    /// <summary>Reads what holds from now on.</summary>
    public void Read(IReadOnlyList<Node> nodes, IReadOnlyList<GangRun> active)
    {
        var capacity = ResourceList.Empty;
        foreach (var node in nodes.Where(static node => node.IsReady))
        {
            capacity = capacity.Plus(node.Allocatable);
        }

        var used = ResourceList.Empty;
        foreach (var queue in _queues.Values)
        {
            queue.Clear();
        }

        foreach (var gang in active)
        {
            used = used.Plus(gang.Held);
            _queues.GetValueOrDefault(gang.Gang.Queue)?.Add(gang);
        }

        foreach (var queue in _queues.Values)
        {
            queue.Read(capacity);
        }

        _now = new Reading(Devices.Count(used), Devices.Count(capacity), used["cpu"], capacity["cpu"], Idle.UnusableShare(nodes, active));
        var point = new UsePoint(_at - Workload.Start, _now.GpuCapacity > 0 ? _now.Gpu / _now.GpuCapacity : _now.CpuShare, active.Count(static gang => gang.State == GangState.Waiting));
        if (_points.Count > 0 && _points[^1].At == point.At)
        {
            _points[^1] = point;
        }
        else
        {
            _points.Add(point);
        }
    }

    private void Integrate(ref Integral integral, double seconds)
    {
        integral.GpuHeld += _now.Gpu * seconds;
        integral.GpuThere += _now.GpuCapacity * seconds;
        integral.CpuHeld += _now.Cpu * seconds;
        integral.CpuThere += _now.CpuCapacity * seconds;
    }

    private readonly record struct Reading(double Gpu, double GpuCapacity, double Cpu, double CpuCapacity, double? Unusable)
    {
        public double CpuShare => CpuCapacity > 0 ? Cpu / CpuCapacity : 0;
    }

    private struct Integral
    {
        public double GpuHeld, GpuThere, CpuHeld, CpuThere;

        public readonly double Gpu => GpuThere > 0 ? GpuHeld / GpuThere : 0;

        public readonly double Cpu => CpuThere > 0 ? CpuHeld / CpuThere : 0;
    }
}
