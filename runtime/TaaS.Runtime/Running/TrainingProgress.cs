using System.Globalization;
using System.Text.Json.Serialization;

namespace TaaS.Runtime;

/// <summary>Where one role stands.</summary>
/// <param name="Role">Who reports: <c>worker-0</c>, <c>local</c>.</param>
/// <param name="Epoch">Epoch in progress, from 1.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Step">Steps done in this epoch.</param>
/// <param name="StepsPerEpoch">Steps of an epoch for this role.</param>
/// <param name="Loss">Mean training loss since the last report.</param>
/// <param name="ImagesPerSecond">Samples a second of this role since the last report.</param>
/// <param name="TimeLeft">Estimated time to the end of training.</param>
/// <param name="TestAccuracy">Share of the test set classified right, after an epoch was evaluated; otherwise null.</param>
/// <param name="TestLoss">Mean loss on the test set, beside <paramref name="TestAccuracy"/>.</param>
public sealed record TrainingProgress(
    string Role,
    int Epoch,
    int Epochs,
    long Step,
    long StepsPerEpoch,
    double Loss,
    double ImagesPerSecond,
    TimeSpan TimeLeft,
    double? TestAccuracy = null,
    double? TestLoss = null)
{
    /// <summary>Steps done, counted over all epochs.</summary>
    [JsonIgnore]
    public long TotalSteps => (Epoch - 1) * StepsPerEpoch + Step;

    /// <summary>The report in one line, without the role.</summary>
    public override string ToString()
    {
        var line = FormattableString.Invariant($"epoch {Epoch}/{Epochs}  step {Step}/{StepsPerEpoch}  loss {Loss:F4}  {ImagesPerSecond:F0} images/s");
        return TestAccuracy is { } accuracy
            ? FormattableString.Invariant($"{line}  test accuracy {accuracy:F4}")
            : $"{line}  left {Clock(TimeLeft)}";
    }

    /// <summary>All workers as one: the first one's place in the epoch, everyone's samples.</summary>
    /// <param name="latest">The latest report of each role, the chief's first.</param>
    public static TrainingProgress Total(IReadOnlyCollection<TrainingProgress> latest) => latest.First() with
    {
        Loss = latest.Average(at => at.Loss),
        ImagesPerSecond = latest.Sum(at => at.ImagesPerSecond),
        TimeLeft = latest.Max(at => at.TimeLeft),
    };

    /// <summary>A time as a clock shows it: <c>4:05</c>, <c>1:04:05</c>.</summary>
    public static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");
}
