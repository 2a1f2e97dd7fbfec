using System.Diagnostics;
using TaaS.Jobs;

namespace TaaS.Runtime;

/// <summary>
/// Writes what a supervisor would write, where there is none, as in a container: <c>spec.yaml</c>, <c>metrics.jsonl</c> of the chief, <c>result.json</c>.
/// A chief that is started again in the same folder adds to what is there.
/// </summary>
internal sealed class LoneChief : IProgress<TrainingProgress>, IDisposable
{
    private readonly TrainingJob _job;
    private readonly TrainingPlan _plan;
    private readonly RunFolder _folder;
    private readonly MetricsLog _metrics;
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>Opens the folder.</summary>
    /// <param name="job">The job.</param>
    /// <param name="plan">What roles know of it.</param>
    /// <param name="path">Folder of the run; made if missing.</param>
    /// <param name="next">Takes the chief's reports as well.</param>
    /// <exception cref="TrainingException">The folder cannot be written to.</exception>
    public LoneChief(TrainingJob job, TrainingPlan plan, string path, IProgress<TrainingProgress> next)
    {
        (_job, _plan, _folder) = (job, plan, RunFolder.Open(path));
        try
        {
            Directory.CreateDirectory(path);
            File.WriteAllText(_folder.Spec, job.ToYaml());
            _metrics = new MetricsLog(_folder.Metrics, next);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"cannot write to the run folder {path}: {error.Message} It must be writable for user {Environment.UserName}; {RoleVariables.Folder} names it", error);
        }
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value) => _metrics.Report(value);

    /// <summary>Writes the result.</summary>
    /// <exception cref="TrainingCanceledException">The chief was told to stop before the end: there is none.</exception>
    public void Finish(WorkerSummary summary)
    {
        if (summary.Stopped)
        {
            throw new TrainingCanceledException($"interrupted; started again with the same run folder it goes on from {_folder.Checkpoint}");
        }

        _folder.Write(RunSummary.Of(_job, _plan, _folder, summary, RunSummary.RateOfUpdates(_plan, summary), _watch.Elapsed));
    }

    /// <inheritdoc/>
    public void Dispose() => _metrics.Dispose();
}
