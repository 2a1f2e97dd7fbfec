using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TaaS.Runtime.Programs;

namespace TaaS.Runtime.Tests.Programs;

/// <summary>A program's own loss and score are what trains and what is reported; without them it is cross-entropy and the share that is right.</summary>
public sealed class OwnLossTests
{
    [Fact]
    public void Score_WithoutAnOwnOne_CountsTheLargestOutput()
    {
        ITrainingProgram program = new Plain();
        // Right; wrong; of two equal ones the first counts.
        Assert.Equal(2, program.Score([0, 3, 1, 5, 4, 9, 2, 2, 0], [1, 0, 0]));
    }

    [Fact]
    public void Evaluate_WithOwnLossAndScore_ReportsThem()
    {
        var program = new Squared();
        var device = CpuDevice.Instance;
        var model = program.CreateModel(new Generator(1), device);
        foreach (var (_, value) in model.NamedParameters())
        {
            value.CopyFrom(Tensor.Zeros(value.Shape, device));
        }

        var score = new ModelEvaluator(program, model, program.OpenTest(""), device).Score(CancellationToken.None);

        // Outputs are 0 and labels 0, 1, 2, 3 in turn: the mean of their squares is 3.5, and one in four is met.
        Assert.Equal(3.5, score.Loss, 5);
        Assert.Equal(0.25, score.Accuracy, 5);
        Assert.Equal(Numbers.Samples, score.Samples);
    }

    private class Plain : ITrainingProgram
    {
        public string Name => "numbers";

        public Module CreateModel(Generator generator, Device device) => new Linear(1, 1, generator, device);

        public IDataset OpenTrain(string path) => new Numbers();

        public IDataset OpenTest(string path) => new Numbers();
    }

    /// <summary>Learns the label as a number; scored by how many are near.</summary>
    private sealed class Squared : Plain, ITrainingProgram
    {
        public Tensor Loss(Tensor outputs, Tensor labels)
        {
            var wanted = Tensor.From([.. labels.ToIntArray().Select(label => (float)label)], outputs.Shape, outputs.Device);
            return F.Mean((outputs - wanted) * (outputs - wanted));
        }

        public double Score(ReadOnlySpan<float> outputs, ReadOnlySpan<int> labels)
        {
            var near = 0;
            for (var i = 0; i < labels.Length; i++)
            {
                near += MathF.Abs(outputs[i] - labels[i]) < 0.5f ? 1 : 0;
            }

            return near;
        }
    }

    private sealed class Numbers : IDataset
    {
        // No whole number of the evaluator's batches.
        public const int Samples = 340;

        public int Count => Samples;

        public Shape SampleShape => new(1);

        public int Classes => 4;

        public void Read(int index, Span<float> sample, out int label) => sample[0] = label = index % 4;
    }
}
