namespace TaaS.Scheduling.Simulation;

/// <summary>A way to schedule, by its name: <c>fifo</c> or <c>fair</c>, then any of <c>+backfill</c> and <c>+spread</c>.</summary>
/// <param name="Name">The name.</param>
/// <param name="Options">What it stands for.</param>
public sealed record SimulationPolicy(string Name, SchedulerOptions Options)
{
    private const string Fifo = "fifo";
    private const string Fair = "fair";
    private const string Backfill = "backfill";
    private const string Spread = "spread";

    /// <summary>What is compared unless told otherwise.</summary>
    public static IReadOnlyList<string> Defaults { get; } = ["fifo", "fifo+backfill", "fair", "fair+backfill", "fair+backfill+spread"];

    /// <summary>What a name may be, for messages.</summary>
    public static string Expected => "fifo or fair, then +backfill, +spread or both, such as fair+backfill";

    /// <summary>Reads a name; null for anything that is none.</summary>
    public static SimulationPolicy? Parse(string name)
    {
        var parts = name.Split('+');
        var further = parts[1..];
        if (parts[0] is not (Fifo or Fair) || further.Distinct().Count() != further.Length || further.Any(static part => part is not (Backfill or Spread)))
        {
            return null;
        }

        return new SimulationPolicy(name, new SchedulerOptions
        {
            Policy = parts[0] == Fifo ? QueueingPolicy.Fifo : QueueingPolicy.FairShare,
            Backfill = further.Contains(Backfill),
            Placement = further.Contains(Spread) ? PlacementStrategy.Spread : PlacementStrategy.Pack,
        });
    }
}
