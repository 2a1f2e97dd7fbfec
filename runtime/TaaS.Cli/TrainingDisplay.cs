using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using TaaS.Runtime;

namespace TaaS.Cli;

/// <summary>Shows training as it runs: a table in place on a terminal, a plain line now and then elsewhere.</summary>
internal sealed class TrainingDisplay : IProgress<TrainingProgress>
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, TrainingProgress> _latest = new(StringComparer.Ordinal);
    private readonly LiveDisplayContext? _live;
    private long _lastShown;

    private TrainingDisplay(LiveDisplayContext? live) => _live = live;

    /// <summary>Runs work with a display that fits where output goes.</summary>
    public static async Task<T> RunAsync<T>(Func<TrainingDisplay, Task<T>> work)
    {
        if (Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            return await work(new TrainingDisplay(null));
        }

        return await AnsiConsole.Live(new Text("starting…")).StartAsync(live => work(new TrainingDisplay(live)));
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        lock (_lock)
        {
            _latest[value.Role] = value;
            // An evaluated epoch is always shown; the rest at a pace one can read.
            var due = value.TestAccuracy is not null || Stopwatch.GetElapsedTime(_lastShown) >= (_live is null ? PlainInterval : LiveInterval);
            if (!due)
            {
                return;
            }

            _lastShown = Stopwatch.GetTimestamp();
            if (_live is null)
            {
                Console.WriteLine(TrainingProgress.Total(_latest.Values));
            }
            else
            {
                _live.UpdateTarget(ToTable());
            }
        }
    }

    /// <summary>Shows a line that must not be missed.</summary>
    public void Notice(string line)
    {
        lock (_lock)
        {
            if (_live is null)
            {
                Console.Error.WriteLine($"taas: {line}");
            }
            else
            {
                AnsiConsole.WriteLine($"taas: {line}");
            }
        }
    }

    private Table ToTable()
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("role", "epoch", "step", "loss", "images/s", "left", "test accuracy");
        foreach (var at in _latest.Values)
        {
            AddRow(table, at.Role, at);
        }

        if (_latest.Count > 1)
        {
            AddRow(table, "all", TrainingProgress.Total(_latest.Values));
        }

        return table;
    }

    private static void AddRow(Table table, string name, TrainingProgress at) => table.AddRow(
        Markup.Escape(name),
        $"{at.Epoch}/{at.Epochs}",
        $"{at.Step}/{at.StepsPerEpoch}",
        at.Loss.ToString("F4", CultureInfo.InvariantCulture),
        at.ImagesPerSecond.ToString("F0", CultureInfo.InvariantCulture),
        TrainingProgress.Clock(at.TimeLeft),
        at.TestAccuracy?.ToString("F4", CultureInfo.InvariantCulture) ?? "");
}
