using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Kernels;
using TaaS.Runtime.Observability;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Programs;

namespace TaaS.Runtime;

/// <summary>One worker's training, the same with and without servers: batches in, gradients out, fresh parameters back.</summary>
internal sealed class TrainingLoop : ICourseWork
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    // Blocks of four random numbers: 2^26 a step, 2^26 steps, 2^12 workers.
    private const int StepShift = 26;
    private const int WorkerShift = 52;

    private readonly TrainingPlan _plan;
    private readonly int _worker;
    private readonly string _role;
    private readonly Generator _generator;
    private readonly Module _model;
    private readonly (string Name, Tensor Value)[] _parameters;
    private readonly ParameterLayout _layout;
    private readonly View[] _values;
    private readonly IDataset _samples;
    private readonly DataLoader _loader;
    private readonly TrainingStep _step;
    private readonly LossMean _loss;
    private readonly ModelEvaluator? _evaluator;
    private readonly Device _device;
    private View[] _gradients = [];
    private BatchSequence? _batches;
    private ProgressMeter? _meter;
    private Action<int>? _push;
    private ModelScore? _score;
    private string _checkpoint = "";
    private string? _resume;
    private long? _firstUpdate;
    private long _lastUpdate;
    private long? _expected;

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
        _samples = program.OpenTrain(plan.DataPath);
        _loader = new DataLoader(_samples, new DataLoaderOptions { BatchSize = plan.BatchSize, Seed = plan.Seed, Shard = worker, Shards = plan.Policy.MaxWorkers });
        _generator = new Generator(plan.Seed);
        _model = program.CreateModel(_generator, device);
        _parameters = [.. _model.NamedParameters()];
        _values = [.. _parameters.Select(parameter => parameter.Value.View)];
        _layout = ParameterLayout.Create([.. _parameters.Select(parameter => new ParameterInfo(parameter.Name, parameter.Value.Shape.ToArray()))], plan.Servers, plannedUpdates: plan.Updates(_loader.BatchesPerEpoch));
        _step = new TrainingStep(
            _model.Forward,
            program.Loss,
            _parameters.Select(parameter => parameter.Value),
            Tensor.Empty(new Shape([plan.BatchSize, .. _samples.SampleShape.ToArray()]), device),
            Tensor.Empty(new Shape(plan.BatchSize), device, DType.Int32),
            lossScale: plan.LossScale);
        _loss = new LossMean(device);
        _evaluator = worker == 0 ? new ModelEvaluator(program, _model, program.OpenTest(plan.DataPath), device) : null;
    }

    /// <summary>Looks on, or null.</summary>
    public ITrainingObserver? Observer { get; init; }

    private bool IsChief => _worker == 0;

    private long StepsPerEpoch => _loader.BatchesPerEpoch;

    /// <summary>Trains to the end, or until told to stop.</summary>
    /// <param name="openStore">Makes the store around the model's memory.</param>
    /// <param name="checkpoint">Path of the checkpoint to write. A chief that finds one there goes on from it: it takes the place of one that was lost.</param>
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
        using var batches = new BatchSequence(_loader);
        var meter = new ProgressMeter(_role, _plan, StepsPerEpoch, _loss, progress, ReportInterval);
        (_batches, _push, _meter, _checkpoint, _resume) = (batches, store.Push, meter, checkpoint, resume);
        new TrainingCourse(store, this, IsChief, StepsPerEpoch, _plan.Epochs, _plan.CheckpointSteps).Run(stop);
        return new WorkerSummary(meter.Samples, meter.TrainSeconds, _score?.Accuracy, _score?.Loss, stop.IsCancellationRequested)
        {
            Updates = _lastUpdate - _firstUpdate ?? 0,
            BytesPushed = store.Traffic.BytesPushed,
            BytesPulled = store.Traffic.BytesPulled,
        };
    }

    /// <inheritdoc/>
    ParameterState ICourseWork.LastState()
    {
        var isOurs = File.Exists(_checkpoint);
        var state = isOurs ? Resume(_checkpoint) : _resume is null ? InitialState() : Resume(_resume);
        _firstUpdate ??= state.Updates;
        if (!isOurs)
        {
            Save(state);
        }

        return state;
    }

    /// <inheritdoc/>
    long? ICourseWork.Step(IParameterStore store, long step)
    {
        if (step != _expected)
        {
            // The first, or training went back.
            Observer?.Begin(_model, _samples, step);
        }

        // Random numbers follow from worker and step alone, so that whoever makes this step again draws the same.
        _generator.Offset = ((ulong)_worker << WorkerShift) | ((ulong)(step + 1) << StepShift);
        var batch = _batches!.At(step);
        _step.Samples.View.Upload(batch.Samples.View.Floats);
        _step.Labels.View.Upload(batch.Labels.View.Ints);
        var next = Exchange(store, step);
        _loss.Add(_step.LossValue);
        _meter!.Count((int)(step / StepsPerEpoch), step % StepsPerEpoch + 1, _plan.BatchSize);
        Observer?.Step(step + 1, _plan.BatchSize);
        _expected = next;
        return next;
    }

    /// <inheritdoc/>
    void ICourseWork.EndEpoch(long step) => _meter!.Pause();

    /// <inheritdoc/>
    void ICourseWork.Score(long step)
    {
        _score = _evaluator!.Score(CancellationToken.None);
        var epoch = (int)(step / StepsPerEpoch);
        _meter!.ReportScore(epoch - 1, _score);
        Observer?.EndEpoch(new EpochView(epoch, step, _parameters, _gradients, _evaluator.Confusion));
    }

    /// <inheritdoc/>
    public void Save(ParameterState state)
    {
        Checkpoint.Of(state, _plan.Optimizer.Slots, _model.NamedBuffers(), (int)(state.Step / StepsPerEpoch), _plan.Seed).Save(_checkpoint);
        _lastUpdate = state.Updates;
    }

    private long? Exchange(IParameterStore store, long step)
    {
        if (_gradients.Length == 0)
        {
            // The first run chooses the gradients' buffers; they stay.
            _step.Run();
            _gradients = [.. _parameters.Select(parameter => parameter.Value.Grad!.View)];
            return store.Exchange(step, _gradients);
        }

        store.Begin(step, _gradients);
        _step.Run(_push!);
        return store.Complete();
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
        return checkpoint.ToState(_layout.Parameters, _plan.Optimizer.Slots);
    }
}
