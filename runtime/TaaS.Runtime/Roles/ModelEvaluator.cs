using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Kernels;

namespace TaaS.Runtime;

/// <summary>How well a model does on a data set.</summary>
/// <param name="Accuracy">Share of samples whose largest output is their label, 0 to 1.</param>
/// <param name="Loss">Mean cross-entropy.</param>
/// <param name="Samples">Samples scored.</param>
public sealed record ModelScore(double Accuracy, double Loss, int Samples);

/// <summary>Scores a model on a data set, over and over without new memory.</summary>
internal sealed class ModelEvaluator
{
    private const int BatchSize = 100;

    private readonly Module _model;
    private readonly IDataset _dataset;
    private readonly DataLoader _loader;
    private readonly TrainingStep _step;
    private Tensor? _logits;
    private float[] _outputs = [];

    /// <summary>Makes the buffers; nothing runs yet.</summary>
    public ModelEvaluator(Module model, IDataset dataset, Device device)
    {
        (_model, _dataset) = (model, dataset);
        var batch = Math.Min(BatchSize, dataset.Count);
        _loader = new DataLoader(dataset, new DataLoaderOptions { BatchSize = batch, Shuffle = false, DropLast = false });
        // A step without parameters, recorded outside the tape, is a forward pass that replays.
        _step = new TrainingStep(
            samples => _logits = model.Forward(samples),
            F.CrossEntropy,
            [],
            Tensor.Empty(new Shape([batch, .. dataset.SampleShape.ToArray()]), device),
            Tensor.Empty(new Shape(batch), device, DType.Int32));
    }

    /// <summary>Scores the model as it is now.</summary>
    /// <exception cref="DataException">A sample cannot be read.</exception>
    public ModelScore Score(CancellationToken cancel)
    {
        using var _ = NoGrad.Scope();
        _model.Eval();
        try
        {
            var (right, loss) = (0L, 0.0);
            foreach (var batch in _loader.Epoch(0, cancel: cancel))
            {
                var (logits, mean) = Forward(batch);
                right += CountRight(Outputs(logits), batch.Labels.View.Ints);
                loss += (double)mean * batch.Labels.Shape[0];
            }

            return new ModelScore((double)right / _dataset.Count, loss / _dataset.Count, _dataset.Count);
        }
        finally
        {
            _model.Train();
        }
    }

    private (Tensor Logits, float Loss) Forward(Batch batch)
    {
        if (batch.Labels.Shape != _step.Labels.Shape)
        {
            var device = _step.Labels.Device;
            var last = _model.Forward(batch.Samples.To(device));
            return (last, F.CrossEntropy(last, batch.Labels.To(device)).Item());
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

    private static int CountRight(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels)
    {
        var classes = logits.Length / labels.Length;
        var right = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            var outputs = logits.Slice(row * classes, classes);
            var best = 0;
            for (var at = 1; at < classes; at++)
            {
                best = outputs[at] > outputs[best] ? at : best;
            }

            right += best == labels[row] ? 1 : 0;
        }

        return right;
    }
}
