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
    double? TestLoss = null);
