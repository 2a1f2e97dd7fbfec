using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Kernels;
using TaaS.Runtime.Programs;

return await TaaSHost.RunAsync(args, new SpiralProgram());

/// <summary>Two fully connected layers learn which arm of a spiral a point lies on.</summary>
internal sealed class SpiralProgram : ITrainingProgram
{
    public string Name => "spirals";

    public Module CreateModel(Generator generator, Device device) => new Sequential(
        new Linear(2, 64, generator, device),
        new ReLU(),
        new Linear(64, 64, generator, device),
        new ReLU(),
        new Linear(64, Spirals.Arms, generator, device));

    public IDataset OpenTrain(string path) => new Spirals(count: 12_000, seed: 1);

    public IDataset OpenTest(string path) => new Spirals(count: 1_500, seed: 2);
}

/// <summary>Points near the arms of a spiral, made up from a seed: the program needs no files.</summary>
internal sealed class Spirals(int count, int seed) : IDataset
{
    public const int Arms = 3;

    public int Count => count;

    public Shape SampleShape => new(2);

    public int Classes => Arms;

    public void Read(int index, Span<float> sample, out int label)
    {
        var random = new Random(seed * 1_000_003 + index);
        label = index % Arms;
        var radius = random.NextSingle();
        var angle = 4 * radius + label * MathF.Tau / Arms + (random.NextSingle() - 0.5f) * 0.4f;
        sample[0] = 2 * radius * MathF.Cos(angle);
        sample[1] = 2 * radius * MathF.Sin(angle);
    }
}
