using System.Collections.Concurrent;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Operator;

/// <summary>What the last pass said of each job that waits.</summary>
internal sealed class WaitRecords
{
    private readonly ConcurrentDictionary<string, Verdict> _verdicts = new(StringComparer.Ordinal);

    /// <summary>The last verdict on a job, or null.</summary>
    public Verdict? Find(string uid) => _verdicts.GetValueOrDefault(uid);

    /// <summary>Takes a pass's verdicts in place of those of the one before.</summary>
    /// <returns>The jobs whose verdict has changed.</returns>
    public IReadOnlyList<string> Replace(IReadOnlyList<Verdict> waiting)
    {
        var changed = new List<string>();
        foreach (var gone in _verdicts.Keys.Except(waiting.Select(static verdict => verdict.GangId)).ToList())
        {
            _verdicts.TryRemove(gone, out _);
        }

        foreach (var verdict in waiting)
        {
            if (!_verdicts.TryGetValue(verdict.GangId, out var before) || !IsSame(before, verdict))
            {
                changed.Add(verdict.GangId);
            }

            _verdicts[verdict.GangId] = verdict;
        }

        return changed;
    }

    /// <summary>A waiting job's status by its verdict. One that can never start, and never did, is refused.</summary>
    public static TrainingJobStatus Apply(TrainingJobStatus status, Verdict verdict, DateTimeOffset now)
    {
        var reason = verdict.Reason.ToString();
        if (verdict.Reason is WaitReason.ExceedsMaxQuota or WaitReason.NeverFits)
        {
            if (status.Attempt == 0)
            {
                return Attempts.Finish(status, false, reason, verdict.Message, now);
            }

            // It ran before: what it lacks may come back, and nodes that failed it are better than none.
            status = status with { ExcludedNodes = [] };
        }

        return (status with
        {
            QueuePosition = verdict.Position > 0 ? verdict.Position : null,
            EarliestStart = verdict.EarliestStart,
            NodesByCause = verdict.NodesByCause.OrderBy(static entry => entry.Key, StringComparer.Ordinal).ToDictionary(),
        }).With(new Condition(ConditionType.Waiting, ConditionStatus.True, reason, verdict.Message, now));
    }

    private static bool IsSame(Verdict a, Verdict b) =>
        a.Reason == b.Reason && a.Message == b.Message && a.Position == b.Position && a.EarliestStart == b.EarliestStart
        && a.NodesByCause.Count == b.NodesByCause.Count && a.NodesByCause.All(entry => b.NodesByCause.TryGetValue(entry.Key, out var count) && count == entry.Value);
}
