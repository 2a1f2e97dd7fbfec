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
    private readonly TextWriter _output;
    private long _lastShown;

    private TrainingDisplay(LiveDisplayContext? live, TextWriter output) => (_live, _output) = (live, output);

    /// <summary>Runs work with a display that fits where output goes.</summary>
    public static async Task<T> RunAsync<T>(Func<IProgress<TrainingProgress>, Task<T>> work)
    {
        if (Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            return await work(new TrainingDisplay(null, Console.Out));
        }

        return await AnsiConsole.Live(new Table()).StartAsync(live => work(new TrainingDisplay(live, Console.Out)));
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
                _output.WriteLine(Line(value));
            }
            else
            {
                _live.UpdateTarget(ToTable());
            }
        }
    }

    private static string Line(TrainingProgress at)
    {
        var line = Invariant($"{at.Role}  epoch {at.Epoch}/{at.Epochs}  step {at.Step}/{at.StepsPerEpoch}  loss {at.Loss:F4}  {at.ImagesPerSecond:F0} images/s  left {Clock(at.TimeLeft)}");
        return at.TestAccuracy is { } accuracy ? Invariant($"{line}  test accuracy {accuracy:F4}") : line;
    }

    private Table ToTable()
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("role", "epoch", "step", "loss", "images/s", "left", "test accuracy");
        foreach (var at in _latest.Values)
        {
            table.AddRow(
                Markup.Escape(at.Role),
                $"{at.Epoch}/{at.Epochs}",
                $"{at.Step}/{at.StepsPerEpoch}",
                Invariant($"{at.Loss:F4}"),
                Invariant($"{at.ImagesPerSecond:F0}"),
                Clock(at.TimeLeft),
                at.TestAccuracy is { } accuracy ? Invariant($"{accuracy:F4}") : "");
        }

        return table;
    }

    private static string Clock(TimeSpan time) =>
        time.ToString(time.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
