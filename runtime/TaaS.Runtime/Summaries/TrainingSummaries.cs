using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Engine.Optim;
using TaaS.Kernels;
using TaaS.Runtime.Observability;
using TaaS.Runtime.Summaries.Protocol;

namespace TaaS.Runtime.Summaries;

/// <summary>
/// Writes what TensorBoard shows of a run: scalars with each report, histograms and the confusion matrix with each epoch, samples and the
/// model's graph once. Passes reports on. A disk that takes no more ends the summaries with one line in the log, not the training.
/// </summary>
internal sealed class TrainingSummaries : ITrainingObserver, IProgress<TrainingProgress>, IDisposable
{
    private readonly IProgress<TrainingProgress> _next;
    private readonly Action<string> _log;
    private readonly TrainingPlan _plan;
    private LearningRateSchedule? _rate;
    private EventFile? _file;
    private float[] _values = [];
    private bool _isDescribed;

    private TrainingSummaries(TrainingPlan plan, IProgress<TrainingProgress> next, Action<string> log) => (_plan, _next, _log) = (plan, next, log);

    /// <summary>Makes the event file.</summary>
    /// <param name="folder">Folder of event files, which this run's chief alone writes to.</param>
    /// <param name="plan">The job.</param>
    /// <param name="next">Who takes reports as well.</param>
    /// <param name="log">Takes a line if summaries cannot be written.</param>
    public static TrainingSummaries Open(string folder, TrainingPlan plan, IProgress<TrainingProgress> next, Action<string> log)
    {
        var summaries = new TrainingSummaries(plan, next, log);
        try
        {
            summaries._file = new EventFile(folder, TimeProvider.System);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log($"TensorBoard summaries are not written: {error.Message}");
        }

        return summaries;
    }

    /// <inheritdoc/>
    public void Begin(Module model, IDataset samples, long step) => Write(file =>
    {
        file.Start(step);
        if (_isDescribed)
        {
            return;
        }

        _isDescribed = true;
        file.Write(ModelGraph.Of(model, samples.SampleShape));
        if (SampleGrid.Draw(samples) is { } picture)
        {
            file.Write(step, EventFile.Image("samples/train", picture));
        }
    });

    /// <inheritdoc/>
    public void Step(long step, int samples)
    {
    }

    /// <inheritdoc/>
    public void EndEpoch(EpochView epoch) => Write(file =>
    {
        for (var parameter = 0; parameter < epoch.Parameters.Count; parameter++)
        {
            var (name, value) = epoch.Parameters[parameter];
            file.Write(epoch.Step, EventFile.Histogram($"parameters/{name}", Download(value.View)));
            if (parameter < epoch.Gradients.Count)
            {
                file.Write(epoch.Step, EventFile.Histogram($"gradients/{name}", Download(epoch.Gradients[parameter])));
            }
        }

        if (epoch.Confusion is { } confusion)
        {
            file.Write(epoch.Step, EventFile.Image("test/confusion", confusion.Draw()));
        }
    });

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        var step = value.TotalSteps;
        Write(file =>
        {
            if (value is { TestAccuracy: { } accuracy, TestLoss: { } loss })
            {
                file.Write(step, EventFile.Scalar("test/accuracy", accuracy), EventFile.Scalar("test/loss", loss));
            }
            else
            {
                file.Write(
                    step,
                    EventFile.Scalar("train/loss", value.Loss),
                    EventFile.Scalar("train/learning_rate", RateOf(value)),
                    EventFile.Scalar("train/images_per_second", value.ImagesPerSecond));
            }
        });
        _next.Report(value);
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    private void Write(Action<EventFile> write)
    {
        if (_file is null)
        {
            return;
        }

        try
        {
            write(_file);
            _file.Flush();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log($"TensorBoard summaries end here: {error.Message}");
            Stop();
        }
    }

    private void Stop()
    {
        var file = _file;
        _file = null;
        try
        {
            file?.Dispose();
        }
        catch (IOException)
        {
            // What could not be written before cannot be written now; it was told.
        }
    }

    // By the updates that all workers have made together if each is as far as this one.
    private float RateOf(TrainingProgress value)
    {
        _rate ??= _plan.Optimizer.RateOver(_plan.Updates(value.StepsPerEpoch));
        return _rate.At((value.TotalSteps - 1) * (_plan.Policy.IsSync ? 1 : _plan.Policy.Workers));
    }

    private ReadOnlySpan<float> Download(View view)
    {
        if (_values.Length < view.Elements)
        {
            _values = new float[view.Elements];
        }

        var values = _values.AsSpan(0, (int)view.Elements);
        view.Download(values);
        return values;
    }
}
