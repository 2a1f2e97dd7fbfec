using TaaS.Engine;
using TaaS.Jobs;
using TaaS.Runtime.Programs;

namespace TaaS.Runtime;

/// <summary>Scores a checkpoint on the test set of its job: <c>taas eval</c>.</summary>
public static class Evaluator
{
    /// <summary>Loads a checkpoint into the job's model and scores it.</summary>
    /// <param name="job">The job: which model, which data.</param>
    /// <param name="checkpoint">Path of the file.</param>
    /// <param name="cancel">Ends early.</param>
    /// <exception cref="TaaSException">The checkpoint or the data is missing, damaged, or of another model.</exception>
    public static Task<ModelScore> RunAsync(TrainingJob job, string checkpoint, CancellationToken cancel) => Task.Factory.StartNew(
        () =>
        {
            var plan = TrainingPlan.Of(job);
            var program = ExamplePrograms.Of(job);
            var device = RoleDevice.Find(job.Spec);
            var saved = Checkpoint.Load(checkpoint);
            var model = program.CreateModel(new Generator(plan.Seed), device);
            model.LoadState(saved.Tensors);
            return new ModelEvaluator(program, model, program.OpenTest(plan.DataPath), device).Score(cancel);
        },
        cancel,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
