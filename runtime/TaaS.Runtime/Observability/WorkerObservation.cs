using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Runtime.Summaries;

namespace TaaS.Runtime.Observability;

/// <summary>What shows a worker to those outside: its metrics, the step in its log and, of the chief, TensorBoard's event file.</summary>
internal sealed class WorkerObservation : ITrainingObserver, IProgress<TrainingProgress>, IDisposable
{
    private readonly TrainingSummaries? _summaries;
    private readonly ITrainingObserver[] _observers;

    /// <summary>Opens all.</summary>
    /// <param name="role">The role's log and metrics.</param>
    /// <param name="folder">Folder of the run.</param>
    /// <param name="plan">The job.</param>
    /// <param name="isChief">True for the one worker that writes summaries.</param>
    /// <param name="progress">Takes reports in the end.</param>
    public WorkerObservation(RoleObservation role, RunFolder folder, TrainingPlan plan, bool isChief, IProgress<TrainingProgress> progress)
    {
        Metrics = new WorkerMetrics(role.Metrics, progress);
        _summaries = isChief ? TrainingSummaries.Open(folder.TensorBoard, plan, Metrics, role.Log.Summaries) : null;
        _observers = _summaries is null ? [Metrics, role.Log] : [Metrics, role.Log, _summaries];
    }

    /// <summary>What the worker measures.</summary>
    public WorkerMetrics Metrics { get; }

    /// <inheritdoc/>
    public void Begin(Module model, IDataset samples, long step)
    {
        foreach (var observer in _observers)
        {
            observer.Begin(model, samples, step);
        }
    }

    /// <inheritdoc/>
    public void Step(long step, int samples)
    {
        foreach (var observer in _observers)
        {
            observer.Step(step, samples);
        }
    }

    /// <inheritdoc/>
    public void EndEpoch(EpochView epoch)
    {
        foreach (var observer in _observers)
        {
            observer.EndEpoch(epoch);
        }
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value) => ((IProgress<TrainingProgress>?)_summaries ?? Metrics).Report(value);

    /// <inheritdoc/>
    public void Dispose() => _summaries?.Dispose();
}
