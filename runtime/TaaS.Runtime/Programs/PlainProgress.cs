using System.Diagnostics;

namespace TaaS.Runtime.Programs;

/// <summary>Shows training as plain lines: all workers as one every few seconds, and every evaluated epoch.</summary>
internal sealed class PlainProgress(TextWriter output) : IProgress<TrainingProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, TrainingProgress> _latest = new(StringComparer.Ordinal);
    private long _lastShown;

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        lock (_lock)
        {
            _latest[value.Role] = value;
            if (value.TestAccuracy is not null || Stopwatch.GetElapsedTime(_lastShown) >= Interval)
            {
                _lastShown = Stopwatch.GetTimestamp();
                output.WriteLine(TrainingProgress.Total(_latest.Values));
            }
        }
    }
}
