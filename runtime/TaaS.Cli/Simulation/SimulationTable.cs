using System.Globalization;
using Spectre.Console;
using TaaS.Scheduling.Simulation;

namespace TaaS.Cli.Simulation;

/// <summary>Results of several policies side by side: a row a figure, a column a policy.</summary>
internal static class SimulationTable
{
    private static readonly (string Title, Func<SimulationResult, string> Text)[] Rows =
    [
        ("jobs finished", result => Number(result.Finished)),
        ("from first submission to last end", result => Clock(result.Makespan.TotalSeconds)),
        ("GPU utilisation", result => Percent(result.GpuUtilisation)),
        ("GPU utilisation while jobs came", result => Percent(result.GpuUtilisationWhileSubmitting)),
        ("CPU utilisation", result => Percent(result.CpuUtilisation)),
        ("wait, mean", result => Clock(result.WaitSeconds.Mean)),
        ("wait, median", result => Clock(result.WaitSeconds.Median)),
        ("wait, 95th percentile", result => Clock(result.WaitSeconds.P95)),
        ("wait, longest", result => Clock(result.WaitSeconds.Max)),
        ("head-of-queue delay, mean of all jobs", result => Clock(result.HeadDelaySeconds.Mean)),
        ("head-of-queue delay, 95th percentile", result => Clock(result.HeadDelaySeconds.P95)),
        ("head-of-queue delay, longest", result => Clock(result.HeadDelaySeconds.Max)),
        ("fairness (Jain's index)", result => result.Fairness.ToString("F3", CultureInfo.InvariantCulture)),
        ("jobs that went ahead (backfill)", result => Number(result.Backfilled)),
        ("gangs stopped for others", result => Number(result.Preemptions)),
        ("gangs that lost a node", result => Number(result.LostToNodes)),
        ("GPU hours of work lost", result => result.WorkLostHours.ToString("F1", CultureInfo.InvariantCulture)),
        ("GPUs free but of no use (fragmentation)", result => Percent(result.Fragmentation)),
    ];

    /// <summary>Figures of the whole cluster.</summary>
    public static Table Whole(IReadOnlyList<SimulationResult> results)
    {
        var hasGpus = results.Any(static result => result.GpuUtilisation > 0);
        var table = Columns(results, "");
        foreach (var (title, text) in Rows)
        {
            if (hasGpus || !title.StartsWith("GPU", StringComparison.Ordinal))
            {
                table.AddRow([title, .. results.Select(text)]);
            }
        }

        return table;
    }

    /// <summary>Waits, and shares of the cluster, by queue.</summary>
    public static Table Queues(IReadOnlyList<SimulationResult> results)
    {
        var table = Columns(results, "by queue");
        foreach (var queue in results[0].Queues.Where(static queue => queue.Jobs > 0))
        {
            var rows = results.Select(result => result.Queues.Single(one => one.Name == queue.Name)).ToArray();
            var name = Markup.Escape(queue.Name);
            table.AddRow([$"{name}: wait, mean", .. rows.Select(static row => Clock(row.WaitSeconds.Mean))]);
            table.AddRow([$"{name}: wait, median", .. rows.Select(static row => Clock(row.WaitSeconds.Median))]);
            table.AddRow([$"{name}: wait, 95th percentile", .. rows.Select(static row => Clock(row.WaitSeconds.P95))]);
            table.AddRow([$"{name}: wait, longest", .. rows.Select(static row => Clock(row.WaitSeconds.Max))]);
            table.AddRow([$"{name}: share (entitled to {Percent(queue.Entitled)})", .. rows.Select(static row => Percent(row.Share))]);
        }

        return table;
    }

    private static Table Columns(IReadOnlyList<SimulationResult> results, string first)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn(new TableColumn(first).NoWrap());
        foreach (var result in results)
        {
            table.AddColumn(new TableColumn(Markup.Escape(result.Policy)).RightAligned());
        }

        return table;
    }

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => share.ToString("P1", CultureInfo.InvariantCulture);

    private static string Clock(double seconds) => seconds switch
    {
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds:F0} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:F1} min"),
        < 86400 * 2 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:F2} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86400:F2} d"),
    };
}
