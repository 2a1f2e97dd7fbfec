using TaaS.Scheduling.Model;
using TaaS.Scheduling.RunTimes;

namespace TaaS.Scheduling.Simulation;

/// <summary>
/// Runs a scheduler over a workload in virtual time: jobs arrive, start, are stopped, go on and end; nodes go and come back. Whenever
/// something has happened the scheduler decides, as the operator's would, and its decisions are carried out at once.
/// </summary>
public sealed class Simulator
{
    private readonly Workload _workload;
    private readonly Func<ClusterSnapshot, SchedulingPass> _decide;
    private readonly RunTimeSource _runTimes;
    private readonly RunTimeHistory _history = new();
    private readonly EventCalendar _calendar = new();
    private readonly List<GangRun> _all = [];
    private readonly Dictionary<string, GangRun> _active = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Node> _nodes;
    private readonly Dictionary<string, string> _refused = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _firstSubmission;
    private readonly DateTimeOffset _lastSubmission;
    private readonly UseMeter _meter;
    private IReadOnlyDictionary<string, string> _lastWords = new Dictionary<string, string>();
    private int _passes;
    private int _preemptions;
    private int _lostToNodes;
    private double _workLostSeconds;

    private Simulator(Workload workload, Func<ClusterSnapshot, SchedulingPass> decide, RunTimeSource runTimes)
    {
        (_workload, _decide, _runTimes) = (workload, decide, runTimes);
        _nodes = workload.Nodes.ToDictionary(static node => node.Name, StringComparer.Ordinal);
        _firstSubmission = workload.Jobs.Min(static job => job.Gang.SubmittedAt);
        _lastSubmission = workload.Jobs.Max(static job => job.Gang.SubmittedAt);
        _meter = new UseMeter(workload, _firstSubmission, _lastSubmission);
    }

    /// <summary>Runs a workload to its end.</summary>
    /// <param name="policy">Name of the policy, for the result.</param>
    /// <param name="workload">At least one job; names of jobs and nodes are unique.</param>
    /// <param name="decide">The scheduler.</param>
    /// <param name="runTimes">What it is told of how long jobs run.</param>
    /// <param name="cancel">Ends the simulation early.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static SimulationResult Run(string policy, Workload workload, Func<ClusterSnapshot, SchedulingPass> decide, RunTimeSource runTimes, CancellationToken cancel = default)
    {
        var simulator = new Simulator(workload, decide, runTimes);
        simulator.Prepare();
        while (!simulator._calendar.IsEmpty)
        {
            cancel.ThrowIfCancellationRequested();
            simulator.Step();
        }

        return simulator.Result(policy);
    }

    private void Prepare()
    {
        foreach (var job in _workload.Jobs)
        {
            var run = new GangRun(job);
            _all.Add(run);
            _calendar.Add(job.Gang.SubmittedAt, _ => _active.Add(job.Gang.Id, run));
            if (job.Gang.NotBefore is { } notBefore && notBefore > job.Gang.SubmittedAt)
            {
                _calendar.Add(notBefore, static _ => { });
            }
        }

        foreach (var failure in _workload.Failures)
        {
            _calendar.Add(Workload.Start + failure.At, now => LoseNode(failure, now));
        }
    }

    private void Step()
    {
        var now = _calendar.Next;
        // What happens to nodes before the first job and after the last is nobody's concern.
        if (_active.Count > 0 || (now >= _firstSubmission && now <= _lastSubmission))
        {
            _meter.Advance(now);
        }

        _calendar.RunMoment();
        if (_active.Count > 0)
        {
            Pass(now);
        }

        _meter.Read([.. _nodes.Values], [.. _active.Values]);
    }

    private void Pass(DateTimeOffset now)
    {
        foreach (var run in _active.Values.Where(static run => run.State == GangState.Waiting))
        {
            run.Expect(RunTime(run.Job));
        }

        var pass = _decide(new ClusterSnapshot
        {
            Now = now,
            Nodes = [.. _nodes.Values],
            Queues = _workload.Queues,
            Flavors = _workload.Flavors,
            Gangs = [.. _active.Values.Select(static run => run.Gang)],
        });
        _passes++;
        foreach (var preemption in pass.Preempted)
        {
            _preemptions++;
            Stop(_active[preemption.GangId], now);
        }

        foreach (var admission in pass.Admitted)
        {
            var run = _active[admission.GangId];
            run.Place(now, admission.Placement, admission.IsBackfill);
            EndWhenDone(run);
        }

        foreach (var verdict in pass.Waiting.Where(static verdict => verdict.IsFinal))
        {
            var run = _active[verdict.GangId];
            run.Refuse(now);
            _active.Remove(verdict.GangId);
            _refused[run.Gang.Name] = verdict.Message;
        }

        NoteHeads(pass, now);
        _lastWords = pass.Waiting.ToDictionary(static verdict => verdict.GangId, static verdict => verdict.Message, StringComparer.Ordinal);
    }

    private void NoteHeads(SchedulingPass pass, DateTimeOffset now)
    {
        var heads = pass.Waiting.Where(verdict => !verdict.IsFinal && verdict.Position == 1).Select(static verdict => verdict.GangId).ToHashSet(StringComparer.Ordinal);
        foreach (var (id, run) in _active)
        {
            if (heads.Contains(id))
            {
                run.BecomeHead(now);
            }
            else
            {
                run.LeaveHead(now);
            }
        }
    }

    private void EndWhenDone(GangRun run)
    {
        var version = run.Version;
        _calendar.Add(run.ExpectedEnd, now =>
        {
            if (run.Version == version)
            {
                run.Finish(now);
                _history.Record(run.Gang, run.Job.RunTime);
                _active.Remove(run.Gang.Id);
            }
        });
    }

    private void Stop(GangRun run, DateTimeOffset now)
    {
        var size = Devices.Count(run.Held) is > 0 and var devices ? devices : run.Held["cpu"] / 1000.0;
        _workLostSeconds += run.Stop(now, _workload.CheckpointInterval).TotalSeconds * size;
        _calendar.Add(now + _workload.TerminationTime, run.Requeue);
    }

    private void LoseNode(NodeFailure failure, DateTimeOffset now)
    {
        _nodes[failure.Node] = _nodes[failure.Node] with { IsReady = false };
        _calendar.Add(now + failure.Duration, _ => _nodes[failure.Node] = _nodes[failure.Node] with { IsReady = true });
        foreach (var run in _active.Values.Where(run => run.State == GangState.Running && run.Gang.Placement!.Pods.Any(pod => pod.Node == failure.Node)))
        {
            _lostToNodes++;
            Stop(run, now);
        }
    }

    private TimeSpan? RunTime(SimulatedJob job) => _runTimes switch
    {
        RunTimeSource.Exact => job.RunTime,
        RunTimeSource.Declared => job.DeclaredRunTime,
        RunTimeSource.Learnt => _history.Estimate(job.Gang) ?? job.DeclaredRunTime,
        _ => null,
    };

    private SimulationResult Result(string policy)
    {
        var finished = _all.Where(static run => run.State == GangState.Finished).ToArray();
        return new SimulationResult
        {
            Policy = policy,
            Jobs = _all.Count,
            Finished = finished.Length,
            Refused = _refused,
            Stuck = _active.Values.ToDictionary(static run => run.Gang.Name, run => _lastWords.GetValueOrDefault(run.Gang.Id, ""), StringComparer.Ordinal),
            Makespan = _meter.At - _firstSubmission,
            GpuUtilisation = _meter.GpuUtilisation,
            GpuUtilisationWhileSubmitting = _meter.GpuUtilisationWhileSubmitting,
            CpuUtilisation = _meter.CpuUtilisation,
            WaitSeconds = Statistics.Of(finished.Select(static run => run.Waited.TotalSeconds)),
            HeadDelaySeconds = Statistics.Of(finished.Select(static run => run.AtHead.TotalSeconds)),
            Queues = [.. _workload.Queues.OrderBy(static queue => queue.Name, StringComparer.Ordinal).Select(queue => Queue(queue.Name))],
            Fairness = _meter.Fairness,
            Preemptions = _preemptions,
            LostToNodes = _lostToNodes,
            WorkLostHours = _workLostSeconds / 3600,
            Fragmentation = _meter.Fragmentation,
            Backfilled = _all.Count(static run => run.WasBackfilled),
            Passes = _passes,
            Use = _meter.Points,
        };
    }

    private QueueResult Queue(string name)
    {
        var runs = _all.Where(run => run.Gang.Queue == name).ToArray();
        var (share, entitled) = _meter.Queue(name);
        return new QueueResult(name, runs.Length, Statistics.Of(runs.Where(static run => run.State == GangState.Finished).Select(static run => run.Waited.TotalSeconds)), share, entitled);
    }
}
