using System.Diagnostics;

namespace TaaS.Runtime;

/// <summary>Counts samples and time of training, and reports now and then. Time of evaluation and of the first step, which compiles, is left out.</summary>
internal sealed class ProgressMeter
{
    private readonly string _role;
    private readonly TrainingPlan _plan;
    private readonly long _stepsPerEpoch;
    private readonly LossMean _loss;
    private readonly IProgress<TrainingProgress> _progress;
    private readonly TimeSpan _interval;
    private readonly Stopwatch _watch = new();

    private bool _isWarm;
    private long _reportedSamples;
    private TimeSpan _reportedAt;
    private TrainingProgress? _last;

    public ProgressMeter(string role, TrainingPlan plan, long stepsPerEpoch, LossMean loss, IProgress<TrainingProgress> progress, TimeSpan interval) =>
        (_role, _plan, _stepsPerEpoch, _loss, _progress, _interval) = (role, plan, stepsPerEpoch, loss, progress, interval);

    /// <summary>Samples counted.</summary>
    public long Samples { get; private set; }

    /// <summary>Seconds they took.</summary>
    public double TrainSeconds => _watch.Elapsed.TotalSeconds;

    /// <summary>Counts a step that was done.</summary>
    public void Count(int epoch, long step, int samples)
    {
        if (_isWarm)
        {
            Samples += samples;
        }

        _isWarm = true;
        if (!_watch.IsRunning)
        {
            _watch.Start();
        }

        if (_watch.Elapsed - _reportedAt >= _interval || step == _stepsPerEpoch)
        {
            Report(epoch, step);
        }
    }

    /// <summary>Stops the clock until the next step is done.</summary>
    public void Pause() => _watch.Stop();

    /// <summary>Reports an evaluated epoch.</summary>
    public void ReportScore(int epoch, ModelScore score) => _progress.Report(
        (_last ?? new TrainingProgress(_role, epoch + 1, _plan.Epochs, _stepsPerEpoch, _stepsPerEpoch, 0, 0, TimeSpan.Zero)) with
        {
            Epoch = epoch + 1,
            Step = _stepsPerEpoch,
            TestAccuracy = score.Accuracy,
            TestLoss = score.Loss,
        });

    private void Report(int epoch, long step)
    {
        var now = _watch.Elapsed;
        var seconds = (now - _reportedAt).TotalSeconds;
        var rate = seconds > 0 ? (Samples - _reportedSamples) / seconds : 0;
        var stepsLeft = (_plan.Epochs - epoch) * _stepsPerEpoch - step;
        var whole = TrainSeconds > 0 ? Samples / TrainSeconds : 0;
        var left = whole > 0 ? TimeSpan.FromSeconds(stepsLeft * _plan.BatchSize / whole) : TimeSpan.Zero;
        _last = new TrainingProgress(_role, epoch + 1, _plan.Epochs, step, _stepsPerEpoch, _loss.Take(), rate, left);
        _progress.Report(_last);
        (_reportedSamples, _reportedAt) = (Samples, now);
    }
}
