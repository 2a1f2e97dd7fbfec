using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Kernels;
using TaaS.Runtime.Programs;

namespace TaaS.Runtime.Tests.Running;

/// <summary>A linear model on made-up points: steps take microseconds, so that tests of processes are about processes.</summary>
internal sealed class TinyProgram : ITrainingProgram
{
    public string Name => "tiny";

    public Module CreateModel(Generator generator, Device device) =>
        new Sequential(new Linear(8, 16, generator, device), new ReLU(), new Dropout(0.1f, generator), new Linear(16, 4, generator, device));

    public IDataset OpenTrain(string path) => path == "missing"
        ? throw new DataException("no such data: missing")
        : new Points(4_000, 1);

    public IDataset OpenTest(string path) => new Points(530, 2);

    private sealed class Points(int count, int seed) : IDataset
    {
        public int Count => count;

        public Shape SampleShape => new(8);

        public int Classes => 4;

        public void Read(int index, Span<float> sample, out int label)
        {
            var random = new Random(seed * 1_000_003 + index);
            label = random.Next(4);
            for (var i = 0; i < sample.Length; i++)
            {
                sample[i] = random.NextSingle() - 0.5f + (i == label ? 1 : 0);
            }
        }
    }
}
