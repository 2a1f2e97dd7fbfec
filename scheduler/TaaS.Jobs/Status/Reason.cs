namespace TaaS.Jobs;

/// <summary>Codes in conditions and events. Those of a waiting job bear the names of the scheduler's own.</summary>
public static class Reason
{
    /// <summary>Its queue has no quota left now.</summary>
    public const string WaitingForQuota = nameof(WaitingForQuota);

    /// <summary>It asks for more than its queue may ever use.</summary>
    public const string ExceedsMaxQuota = nameof(ExceedsMaxQuota);

    /// <summary>Quota is there, room on nodes is not.</summary>
    public const string NoNodeFits = nameof(NoNodeFits);

    /// <summary>Even the empty cluster has no room for it.</summary>
    public const string NeverFits = nameof(NeverFits);

    /// <summary>Others are being stopped for it.</summary>
    public const string PreemptionPending = nameof(PreemptionPending);

    /// <summary>It would delay the head of the queue.</summary>
    public const string BehindReservation = nameof(BehindReservation);

    /// <summary>A failed attempt's pause is not over.</summary>
    public const string BackingOff = nameof(BackingOff);

    /// <summary>Its queue takes nothing in now.</summary>
    public const string QueueOnHold = nameof(QueueOnHold);

    /// <summary>A queue, a flavor or a right is missing.</summary>
    public const string Misconfigured = nameof(Misconfigured);

    /// <summary>The spec cannot be run as written.</summary>
    public const string InvalidSpec = nameof(InvalidSpec);

    /// <summary>Not looked at yet.</summary>
    public const string Queued = nameof(Queued);

    /// <summary>It got quota and nodes.</summary>
    public const string Admitted = nameof(Admitted);

    /// <summary>It got them ahead of others, delaying none.</summary>
    public const string Backfilled = nameof(Backfilled);

    /// <summary>Pods are made and bound.</summary>
    public const string GangStarting = nameof(GangStarting);

    /// <summary>Every pod runs.</summary>
    public const string GangRunning = nameof(GangRunning);

    /// <summary>The gang was not whole in time; the attempt was undone.</summary>
    public const string GangTimeout = nameof(GangTimeout);

    /// <summary>Stopped for a job of higher priority.</summary>
    public const string Preempted = nameof(Preempted);

    /// <summary>Stopped because the owner of borrowed quota wants it back.</summary>
    public const string Reclaimed = nameof(Reclaimed);

    /// <summary>A node went away or its kubelet turned a pod down.</summary>
    public const string InfrastructureFailure = nameof(InfrastructureFailure);

    /// <summary>A pod was deleted or changed by hand.</summary>
    public const string PodDisturbed = nameof(PodDisturbed);

    /// <summary>The user's program failed and is tried again.</summary>
    public const string Restarting = nameof(Restarting);

    /// <summary>The user's program failed too often.</summary>
    public const string BackoffLimitExceeded = nameof(BackoffLimitExceeded);

    /// <summary>It ran longer than it may.</summary>
    public const string DeadlineExceeded = nameof(DeadlineExceeded);

    /// <summary>The number of workers changed.</summary>
    public const string Scaled = nameof(Scaled);

    /// <summary>Held back by its owner.</summary>
    public const string Suspended = nameof(Suspended);

    /// <summary>Let go on by its owner.</summary>
    public const string Resumed = nameof(Resumed);

    /// <summary>Those whose end decides ended well.</summary>
    public const string Completed = nameof(Completed);

    /// <summary>Queue: it takes jobs in.</summary>
    public const string Ready = nameof(Ready);

    /// <summary>Queue: a flavor that it names does not exist.</summary>
    public const string FlavorNotFound = nameof(FlavorNotFound);

    /// <summary>Queue: its quota was set below what it uses.</summary>
    public const string QuotaBelowUse = nameof(QuotaBelowUse);
}
