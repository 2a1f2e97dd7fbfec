namespace TaaS.Runtime.Observability;

/// <summary>Where one role of a run stands; null where the role has no such figure, or it is not known yet.</summary>
public sealed record RoleRow
{
    /// <summary>Its name.</summary>
    public required string Role { get; init; }

    /// <summary><c>starting</c>, <c>ready</c>, <c>straggler</c>, <c>done</c>, <c>lost</c>, or <c>no answer</c>.</summary>
    public required string State { get; init; }

    /// <summary>Steps done, counted over all epochs; of a server, those of the furthest worker.</summary>
    public long? Step { get; init; }

    /// <summary>Epoch in progress, from 1.</summary>
    public int? Epoch { get; init; }

    /// <summary>Epochs of the job.</summary>
    public int? Epochs { get; init; }

    /// <summary>Mean training loss.</summary>
    public double? Loss { get; init; }

    /// <summary>Samples a second.</summary>
    public double? ImagesPerSecond { get; init; }

    /// <summary>Updates of others between pull and push.</summary>
    public long? Staleness { get; init; }

    /// <summary>Bytes a second that go out.</summary>
    public double? SentPerSecond { get; init; }

    /// <summary>Bytes a second that come in.</summary>
    public double? ReceivedPerSecond { get; init; }

    /// <summary>Answers that wait to be sent.</summary>
    public long? QueueDepth { get; init; }

    /// <summary>Bytes of memory in use.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Of a server: how its workers compare.</summary>
    internal IReadOnlyList<WorkerPace> Paces { get; init; } = [];

    internal static RoleRow Of(string role, string state, MetricsSample now, MetricsSample? earlier)
    {
        var isServer = now["taas_server_updates_total"] is not null;
        var row = new RoleRow { Role = role, State = state, MemoryBytes = (long?)now["process_working_set_bytes"] };
        return isServer
            ? row with
            {
                Step = PacesOf(now).Max(pace => (long?)pace.Step),
                SentPerSecond = now.Rate("taas_server_sent_bytes_total", earlier),
                ReceivedPerSecond = now.Rate("taas_server_received_bytes_total", earlier),
                QueueDepth = (long?)now["taas_server_queue_depth"],
                Paces = PacesOf(now),
            }
            : row with
            {
                Step = (long?)now["taas_worker_step"],
                Epoch = (int?)now["taas_worker_epoch"],
                Epochs = (int?)now["taas_worker_epochs"],
                Loss = now["taas_worker_loss"],
                ImagesPerSecond = now.Rate("taas_worker_images_total", earlier) ?? now["taas_worker_images_per_second"],
                SentPerSecond = now.Rate("taas_worker_pushed_bytes_total", earlier),
                ReceivedPerSecond = now.Rate("taas_worker_pulled_bytes_total", earlier),
            };
    }

    private static WorkerPace[] PacesOf(MetricsSample server) =>
        [.. Enumerable.Range(0, int.MaxValue)
            .TakeWhile(worker => server[$"taas_server_worker_step{{worker=\"{worker}\"}}"] is not null)
            .Select(worker => new WorkerPace(
                worker,
                (long)server[$"taas_server_worker_step{{worker=\"{worker}\"}}"]!,
                (long?)server[$"taas_server_worker_staleness_updates{{worker=\"{worker}\"}}"],
                server[$"taas_server_worker_straggler{{worker=\"{worker}\"}}"] == 1))];
}

/// <summary>How a server sees one worker.</summary>
/// <param name="Worker">Index of the worker.</param>
/// <param name="Step">Step of its last gradient.</param>
/// <param name="Staleness">Updates of others between its last pull and its last gradient.</param>
/// <param name="IsStraggler">True if it is much slower than the others.</param>
internal sealed record WorkerPace(int Worker, long Step, long? Staleness, bool IsStraggler);
