using System.Buffers.Binary;
using System.Text.Json;

namespace TaaS.EndToEnd.Tests;

/// <summary>A folder of its own with a small learnable data set in IDX form and a job file that reads it.</summary>
internal sealed class Workplace : IDisposable
{
    private const int Classes = 10;

    private readonly int _side;

    public Workplace(int trainSamples = 960, int testSamples = 160, int side = 28)
    {
        _side = side;
        Folder = Directory.CreateTempSubdirectory("taas-e2e-").FullName;
        DataFolder = Path.Combine(Folder, "data");
        Directory.CreateDirectory(DataFolder);
        Write("train", trainSamples, seed: 1);
        Write("t10k", testSamples, seed: 2);
        File.WriteAllText(JobFile, $$"""
            apiVersion: taas.dev/v1alpha1
            kind: TrainingJob
            metadata: {name: small}
            spec:
              program: {example: fashion-mnist}
              update: {mode: async}
              epochs: 1
              batchSize: 32
              optimizer: {name: sgd, learningRate: 0.003, momentum: 0.9}
              data: {path: {{DataFolder}}}
              output: {path: runs}
              replicas:
                ps: {count: 1}
                worker: {count: 2}
            """);
    }

    public string Folder { get; }

    public string DataFolder { get; }

    public string JobFile => Path.Combine(Folder, "job.yaml");

    public string DataFile(string name) => Path.Combine(DataFolder, name);

    public string RunFolder(string name = "small") => Path.Combine(Folder, "runs", name);

    public string Metrics(string name = "small") => Path.Combine(RunFolder(name), "metrics.jsonl");

    public string Checkpoint(string name = "small") => Path.Combine(RunFolder(name), "checkpoint.safetensors");

    public JsonElement Result(string name = "small") =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(RunFolder(name), "result.json"))).RootElement;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>A class is a bright band at a height of its own, on noise.</summary>
    private void Write(string split, int samples, int seed)
    {
        var random = new Random(seed);
        var images = new byte[16 + samples * _side * _side];
        var labels = new byte[8 + samples];
        Header(images, 0x803, samples, _side, _side);
        Header(labels, 0x801, samples);
        for (var sample = 0; sample < samples; sample++)
        {
            var label = sample % Classes;
            labels[8 + sample] = (byte)label;
            var image = images.AsSpan(16 + sample * _side * _side, _side * _side);
            random.NextBytes(image);
            for (var i = 0; i < image.Length; i++)
            {
                var row = i / _side;
                image[i] = row / 2 == label + 2 ? (byte)255 : (byte)(image[i] / 4);
            }
        }

        File.WriteAllBytes(Path.Combine(DataFolder, $"{split}-images-idx3-ubyte"), images);
        File.WriteAllBytes(Path.Combine(DataFolder, $"{split}-labels-idx1-ubyte"), labels);
    }

    private static void Header(byte[] file, params int[] words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(i * 4), words[i]);
        }
    }
}
