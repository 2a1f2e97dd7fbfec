using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Kernels;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Programs;

namespace TaaS.Runtime;

/// <summary>One worker's training, the same with and without servers: batches in, gradients out, fresh parameters back.</summary>
internal sealed class TrainingLoop
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly TrainingPlan _plan;
    private readonly int _worker;
    private readonly string _role;
    private readonly Generator _generator;
    private readonly Module _model;
    private readonly (string Name, Tensor Value)[] _parameters;
    private readonly ParameterLayout _layout;
    private readonly View[] _values;
    private readonly DataLoader _loader;
    private readonly TrainingStep _step;
    private readonly LossMean _loss;
    private readonly ModelEvaluator? _evaluator;
    private readonly Device _device;
    private View[] _gradients = [];

    /// <summary>Opens data and makes the model.</summary>
    /// <param name="plan">The job.</param>
    /// <param name="program">Model and data.</param>
    /// <param name="device">Where the worker computes.</param>
    /// <param name="worker">Index; 0 is the chief, who evaluates and saves.</param>
    /// <param name="role">Name in reports.</param>
    /// <exception cref="DataException">Missing or damaged data.</exception>
    public TrainingLoop(TrainingPlan plan, ITrainingProgram program, Device device, int worker, string role)
    {
        (_plan, _worker, _role, _device) = (plan, worker, role, device);
        var dataset = program.OpenTrain(plan.DataPath);
        _loader = new DataLoader(dataset, new DataLoaderOptions { BatchSize = plan.BatchSize, Seed = plan.Seed, Shard = worker, Shards = plan.Policy.Workers });
        _generator = new Generator(plan.Seed);
        _model = program.CreateModel(_generator, device);
        _parameters = [.. _model.NamedParameters()];
        _values = [.. _parameters.Select(parameter => parameter.Value.View)];
        _layout = ParameterLayout.Create([.. _parameters.Select(parameter => new ParameterInfo(parameter.Name, parameter.Value.Shape.ToArray()))], plan.Servers, plannedUpdates: plan.Updates(_loader.BatchesPerEpoch));
        _step = new TrainingStep(
            _model.Forward,
            F.CrossEntropy,
            _parameters.Select(parameter => parameter.Value),
            Tensor.Empty(new Shape([plan.BatchSize, .. dataset.SampleShape.ToArray()]), device),
            Tensor.Empty(new Shape(plan.BatchSize), device, DType.Int32),
            lossScale: plan.LossScale);
        _loss = new LossMean(device);
        _evaluator = worker == 0 ? new ModelEvaluator(_model, program.OpenTest(plan.DataPath), device) : null;
    }

    private bool IsChief => _worker == 0;

    private long StepsPerEpoch => _loader.BatchesPerEpoch;

    /// <summary>Trains to the end, or until told to stop; the chief saves a checkpoint after each epoch and when stopped.</summary>
    /// <param name="openStore">Makes the store around the model's memory.</param>
    /// <param name="checkpoint">Path of the checkpoint to write.</param>
    /// <param name="resume">Checkpoint to go on from, or null.</param>
    /// <param name="progress">Takes reports.</param>
    /// <param name="stop">Ends training after the step in progress.</param>
    /// <exception cref="TaaSException">Training cannot go on.</exception>
    public WorkerSummary Run(
        Func<ParameterLayout, IReadOnlyList<View>, IParameterStore> openStore,
        string checkpoint,
        string? resume,
        IProgress<TrainingProgress> progress,
        CancellationToken stop)
    {
        using var store = openStore(_layout, _values);
        if (IsChief)
        {
            store.Initialize(resume is null ? InitialState() : Resume(resume));
        }

        // Masks of dropout differ between workers.
        _generator.Offset += (ulong)_worker << 40;
        var step = store.Pull();
        var meter = new ProgressMeter(_role, _plan, StepsPerEpoch, _loss, progress, ReportInterval);
        ModelScore? score = null;
        for (var epoch = (int)(step / StepsPerEpoch); epoch < _plan.Epochs && !stop.IsCancellationRequested; epoch++)
        {
            step = RunEpoch(store, epoch, step, meter, stop);
            meter.Pause();
            if (IsChief)
            {
                score = EndEpoch(store, epoch, step, checkpoint, meter, stop) ?? score;
            }
        }

        if (IsChief && score is null && !stop.IsCancellationRequested)
        {
            // Resumed from where nothing was left to do.
            score = _evaluator!.Score(CancellationToken.None);
        }

        store.Leave();
        return new WorkerSummary(meter.Samples, meter.TrainSeconds, score?.Accuracy, score?.Loss, stop.IsCancellationRequested);
    }

    private long RunEpoch(IParameterStore store, int epoch, long step, ProgressMeter meter, CancellationToken stop)
    {
        Action<int> push = store.Push;
        foreach (var batch in _loader.Epoch(epoch, skip: (int)(step % StepsPerEpoch), CancellationToken.None))
        {
            if (stop.IsCancellationRequested)
            {
                break;
            }

            _step.Samples.View.Upload(batch.Samples.View.Floats);
            _step.Labels.View.Upload(batch.Labels.View.Ints);
            Step(store, step, push);
            step++;
            _loss.Add(_step.LossValue);
            meter.Count(epoch, (step - 1) % StepsPerEpoch + 1, _plan.BatchSize);
        }

        return step;
    }

    private void Step(IParameterStore store, long step, Action<int> push)
    {
        if (_gradients.Length == 0)
        {
            // The first run chooses the gradients' buffers; they stay.
            _step.Run();
            _gradients = [.. _parameters.Select(parameter => parameter.Value.Grad!.View)];
            store.Exchange(step, _gradients);
            return;
        }

        store.Begin(step, _gradients);
        _step.Run(push);
        store.Complete();
    }

    private ModelScore? EndEpoch(IParameterStore store, int epoch, long step, string checkpoint, ProgressMeter meter, CancellationToken stop)
    {
        var isStopped = stop.IsCancellationRequested && step % StepsPerEpoch != 0;
        if (epoch == _plan.Epochs - 1 && !isStopped)
        {
            store.PullFinal();
        }

        var completed = (int)(step / StepsPerEpoch);
        Checkpoint.Of(store.Snapshot(step), _plan.Optimizer.Slots, _model.NamedBuffers(), completed, _generator).Save(checkpoint);
        if (isStopped)
        {
            return null;
        }

        var score = _evaluator!.Score(CancellationToken.None);
        meter.ReportScore(epoch, score);
        return score;
    }

    private ParameterState InitialState()
    {
        var state = ParameterState.Allocate(_layout.Parameters, _plan.Optimizer.Slots.Count);
        for (var parameter = 0; parameter < _values.Length; parameter++)
        {
            _values[parameter].Download(state.Parts[parameter][0].Floats);
        }

        return state;
    }

    private ParameterState Resume(string path)
    {
        var checkpoint = Checkpoint.Load(path);
        foreach (var (name, value) in _model.NamedBuffers())
        {
            value.CopyFrom(checkpoint.Tensors.TryGetValue(name, out var saved)
                ? saved.To(_device)
                : throw new CheckpointException($"the checkpoint {path} has no '{name}'; it belongs to another model"));
        }

        _generator.Offset = checkpoint.GeneratorOffset;
        return checkpoint.ToState(_layout.Parameters, _plan.Optimizer.Slots);
    }
}
