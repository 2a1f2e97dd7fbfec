#:package TaaS.Runtime@0.1.0
#:property PublishAot=false

using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Kernels;
using TaaS.Runtime.Programs;

return await TaaSHost.RunAsync(args, new BlobProgram());

/// <summary>One layer learns to tell four clouds of points apart.</summary>
internal sealed class BlobProgram : ITrainingProgram
{
    public string Name => "blobs";

    public Module CreateModel(Generator generator, Device device) => new Linear(8, 4, generator, device);

    public IDataset OpenTrain(string path) => new Blobs(8_000, seed: 1);

    public IDataset OpenTest(string path) => new Blobs(1_000, seed: 2);

    // Cross-entropy, and a little for outputs that grow large.
    public Tensor Loss(Tensor outputs, Tensor labels) => F.CrossEntropy(outputs, labels) + 0.001f * F.Mean(outputs * outputs);
}

/// <summary>Points around the corners of a cube, made up from a seed.</summary>
internal sealed class Blobs(int count, int seed) : IDataset
{
    public int Count => count;

    public Shape SampleShape => new(8);

    public int Classes => 4;

    public void Read(int index, Span<float> sample, out int label)
    {
        var random = new Random(seed * 1_000_003 + index);
        label = index % Classes;
        for (var i = 0; i < sample.Length; i++)
        {
            sample[i] = random.NextSingle() - 0.5f + (i == label ? 1 : 0);
        }
    }
}
