namespace TaaS.Operator.Tests.ApiServer;

/// <summary>One request as faults see it.</summary>
internal sealed record RequestInfo(int Number, string Method, string Path, string Query)
{
    public bool IsWatch => Query.Contains("watch=true", StringComparison.Ordinal) || Query.Contains("watch=1", StringComparison.Ordinal);

    public bool IsWrite => Method != "GET";
}

/// <summary>What shall go wrong with a request.</summary>
internal abstract record Fault
{
    /// <summary>Answered with an error, before or after it was carried out.</summary>
    public sealed record Answer(int Code, bool IsAfter = false, string Reason = "InternalError") : Fault;

    /// <summary>The connection breaks, before or after it was carried out.</summary>
    public sealed record Break(bool IsAfter = false) : Fault;

    /// <summary>Waits for something first.</summary>
    public sealed record Wait(Task Until) : Fault;
}

/// <summary>What goes wrong, as a test sets it.</summary>
internal sealed class Faults
{
    /// <summary>Asked for every request; null lets it pass.</summary>
    public Func<RequestInfo, Fault?>? Plan { get; set; }

    /// <summary>Nobody is there: every connection breaks.</summary>
    public bool IsDown { get; set; }

    /// <summary>Watches tell each change twice.</summary>
    public bool DuplicatesEvents { get; set; }

    /// <summary>Watches tell nothing while this is not done.</summary>
    public Task WatchesHeldUntil { get; set; } = Task.CompletedTask;

    /// <summary>Watches stay open and tell nothing ever again.</summary>
    public bool MutesWatches { get; set; }

    /// <summary>Bearer token that is taken; null takes everyone.</summary>
    public string? Token { get; set; }
}
