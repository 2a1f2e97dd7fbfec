using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Kernels;
using TaaS.Runtime.Programs;
using TaaS.Runtime.Summaries;

namespace TaaS.Runtime;

/// <summary>How well a model does on a data set.</summary>
/// <param name="Accuracy">Share of samples whose largest output is their label, 0 to 1; of a program with a score of its own, that score's mean.</param>
/// <param name="Loss">Mean of the program's loss.</param>
/// <param name="Samples">Samples scored.</param>
public sealed record ModelScore(double Accuracy, double Loss, int Samples)
{
    /// <summary>The score in one line.</summary>
    public override string ToString() => FormattableString.Invariant($"test accuracy {Accuracy:F4}, test loss {Loss:F4} on {Samples} samples");
}

/// <summary>Scores a model on a data set, over and over without new memory.</summary>
internal sealed class ModelEvaluator
{
    private const int BatchSize = 100;

    private readonly ITrainingProgram _program;
    private readonly Module _model;
    private readonly IDataset _dataset;
    private readonly DataLoader _loader;
    private readonly TrainingStep _step;
    private Tensor? _logits;
    private float[] _outputs = [];

    /// <summary>Makes the buffers; nothing runs yet.</summary>
    public ModelEvaluator(ITrainingProgram program, Module model, IDataset dataset, Device device)
    {
        (_program, _model, _dataset) = (program, model, dataset);
        var batch = Math.Min(BatchSize, dataset.Count);
        _loader = new DataLoader(dataset, new DataLoaderOptions { BatchSize = batch, Shuffle = false, DropLast = false });
        // A step without parameters, recorded outside the tape, is a forward pass that replays.
        _step = new TrainingStep(
            samples => _logits = model.Forward(samples),
            program.Loss,
            [],
            Tensor.Empty(new Shape([batch, .. dataset.SampleShape.ToArray()]), device),
            Tensor.Empty(new Shape(batch), device, DType.Int32));
    }

    /// <summary>What was taken for what when the model was last scored; null where outputs are not one for each class.</summary>
    public ConfusionMatrix? Confusion { get; private set; }

    /// <summary>Scores the model as it is now.</summary>
    /// <exception cref="DataException">A sample cannot be read.</exception>
    public ModelScore Score(CancellationToken cancel)
    {
        using var _ = NoGrad.Scope();
        _model.Eval();
        try
        {
            var (points, loss) = (0.0, 0.0);
            Confusion?.Clear();
            foreach (var batch in _loader.Epoch(0, cancel: cancel))
            {
                var (logits, mean) = Forward(batch);
                var outputs = Outputs(logits);
                points += _program.Score(outputs, batch.Labels.View.Ints);
                Compare(outputs, batch.Labels.View.Ints);
                loss += (double)mean * batch.Labels.Shape[0];
            }

            return new ModelScore(points / _dataset.Count, loss / _dataset.Count, _dataset.Count);
        }
        finally
        {
            _model.Train();
        }
    }

    private void Compare(ReadOnlySpan<float> outputs, ReadOnlySpan<int> labels)
    {
        var classes = _dataset.Classes;
        if (classes < 2 || outputs.Length != (long)labels.Length * classes)
        {
            return;
        }

        Confusion ??= new ConfusionMatrix(classes);
        for (var row = 0; row < labels.Length; row++)
        {
            Confusion.Add(labels[row], Classification.Best(outputs.Slice(row * classes, classes)));
        }
    }

    private (Tensor Logits, float Loss) Forward(Batch batch)
    {
        if (batch.Labels.Shape != _step.Labels.Shape)
        {
            var device = _step.Labels.Device;
            var last = _model.Forward(batch.Samples.To(device));
            return (last, _program.Loss(last, batch.Labels.To(device)).Item());
        }

        _step.Samples.View.Upload(batch.Samples.View.Floats);
        _step.Labels.View.Upload(batch.Labels.View.Ints);
        _step.Run();
        return (_logits!, _step.Loss);
    }

    private ReadOnlySpan<float> Outputs(Tensor logits)
    {
        if (_outputs.Length < logits.Shape.Elements)
        {
            _outputs = new float[logits.Shape.Elements];
        }

        var outputs = _outputs.AsSpan(0, (int)logits.Shape.Elements);
        logits.Contiguous().View.Download(outputs);
        return outputs;
    }
}
