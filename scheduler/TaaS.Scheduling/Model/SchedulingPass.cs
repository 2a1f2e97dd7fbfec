namespace TaaS.Scheduling.Model;

/// <summary>What a pass decided, and why everything else waits.</summary>
/// <param name="Admitted">Gangs that start now, or elastic ones that grow.</param>
/// <param name="Preempted">Gangs to be stopped whole, to make room.</param>
/// <param name="Waiting">Every gang that has no placement and gets none in this pass, in the order in which they stand in their queues.</param>
public sealed record SchedulingPass(IReadOnlyList<Admission> Admitted, IReadOnlyList<Preemption> Preempted, IReadOnlyList<Verdict> Waiting);

/// <summary>A gang starts, or an elastic one that runs grows.</summary>
/// <param name="GangId">Which.</param>
/// <param name="Placement">Node of every pod, those already running among them.</param>
/// <param name="IsBackfill">It overtook the head of the queue without delaying it.</param>
/// <param name="IsBorrowing">It uses quota of relatives, who may take it back.</param>
public sealed record Admission(string GangId, Placement Placement, bool IsBackfill, bool IsBorrowing);

/// <summary>A gang is stopped for another.</summary>
/// <param name="GangId">Which is stopped.</param>
/// <param name="ForGangId">For whom.</param>
/// <param name="Cause">By what right.</param>
/// <param name="Message">The same in words, for the victim's owner.</param>
public sealed record Preemption(string GangId, string ForGangId, PreemptionCause Cause, string Message);

/// <summary>By what right a gang is stopped.</summary>
public enum PreemptionCause
{
    /// <summary>A higher priority in the same queue.</summary>
    Priority,

    /// <summary>It had borrowed quota that its owner wants back.</summary>
    Reclaim,

    /// <summary>Its queue uses more of the cohort than its fair share.</summary>
    FairShare,
}

/// <summary>Why a gang waits.</summary>
/// <param name="GangId">Which.</param>
/// <param name="Reason">Code.</param>
/// <param name="Message">One sentence: what is missing, where, and what would help.</param>
public sealed record Verdict(string GangId, WaitReason Reason, string Message)
{
    /// <summary>Nodes that do not fit, by first cause, such as <c>insufficient nvidia.com/gpu</c> or <c>taint dedicated=infra:NoSchedule</c>.</summary>
    public IReadOnlyDictionary<string, int> NodesByCause { get; init; } = new Dictionary<string, int>();

    /// <summary>Place in the queue, from 1; 0 for one that is not in the line.</summary>
    public int Position { get; init; }

    /// <summary>The earliest it could start by what is known of run times; null where that is not known.</summary>
    public DateTimeOffset? EarliestStart { get; init; }

    /// <summary>True where no change of load can ever help: the job is to be refused.</summary>
    public bool IsFinal => Reason is WaitReason.ExceedsMaxQuota or WaitReason.Misconfigured or WaitReason.NeverFits;
}

/// <summary>Codes of why a gang waits; they stand as reasons in the job's conditions.</summary>
public enum WaitReason
{
    /// <summary>Its queue has no quota left now.</summary>
    WaitingForQuota,

    /// <summary>It asks for more than its queue may ever use, borrowing included.</summary>
    ExceedsMaxQuota,

    /// <summary>Quota is there, but no set of nodes has room now.</summary>
    NoNodeFits,

    /// <summary>Even the empty cluster has no room for it.</summary>
    NeverFits,

    /// <summary>Others are being stopped for it.</summary>
    PreemptionPending,

    /// <summary>It would fit, but would delay the head of the queue.</summary>
    BehindReservation,

    /// <summary>Its turn did not come in this pass: gangs before it wait and the order is kept strictly, or a pass tries no more.</summary>
    InLine,

    /// <summary>A failed attempt's pause is not over.</summary>
    BackingOff,

    /// <summary>Its queue takes nothing in now.</summary>
    QueueOnHold,

    /// <summary>Its queue, its flavor or its user's right to the queue is missing.</summary>
    Misconfigured,
}
