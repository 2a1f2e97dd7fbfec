using TaaS.Kernels;

namespace TaaS.Engine.Data;

/// <summary>Images and labels in IDX files, as MNIST and Fashion-MNIST come: one channel, bytes scaled to (x/255 − mean) / deviation.</summary>
public sealed class IdxDataset : IDataset
{
    private readonly IdxFile _images;
    private readonly IdxFile _labels;
    private readonly float[] _scale;

    private IdxDataset(IdxFile images, IdxFile labels, int classes, float mean, float deviation)
    {
        (_images, _labels, Classes) = (images, labels, classes);
        _scale = new float[256];
        for (var value = 0; value < _scale.Length; value++)
        {
            _scale[value] = (value / 255f - mean) / deviation;
        }
    }

    /// <inheritdoc/>
    public int Count => _images.Lengths[0];

    /// <inheritdoc/>
    public Shape SampleShape => new(1, _images.Lengths[1], _images.Lengths[2]);

    /// <inheritdoc/>
    public int Classes { get; }

    /// <summary>Reads a split into memory and checks all of it.</summary>
    /// <param name="folder">Folder with <c>SPLIT-images-idx3-ubyte</c> and <c>SPLIT-labels-idx1-ubyte</c>, with or without <c>.gz</c>.</param>
    /// <param name="split"><c>train</c> or <c>t10k</c>.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="mean">Subtracted from each pixel in [0, 1].</param>
    /// <param name="deviation">Then divides it; above 0.</param>
    /// <exception cref="DataException">A file is missing, truncated or corrupt, counts differ, or a label is out of range.</exception>
    public static IdxDataset Open(string folder, string split, int classes = 10, float mean = 0, float deviation = 1)
    {
        var images = IdxFile.Open(folder, $"{split}-images-idx3-ubyte", 3);
        var labels = IdxFile.Open(folder, $"{split}-labels-idx1-ubyte", 1);
        if (images.Lengths[0] != labels.Lengths[0])
        {
            throw new DataException($"{images.Path} has {images.Lengths[0]} images, {labels.Path} has {labels.Lengths[0]} labels; they do not belong together");
        }

        var worst = labels.Data.AsSpan().IndexOfAnyInRange((byte)classes, byte.MaxValue);
        return worst < 0
            ? new IdxDataset(images, labels, classes, mean, deviation)
            : throw new DataException($"{labels.Path}: label {labels.Data[worst]} of sample {worst} is out of range, expected 0 to {classes - 1}");
    }

    /// <inheritdoc/>
    public void Read(int index, Span<float> sample, out int label)
    {
        var pixels = _images.Data.AsSpan(index * sample.Length, sample.Length);
        for (var i = 0; i < pixels.Length; i++)
        {
            sample[i] = _scale[pixels[i]];
        }

        label = _labels.Data[index];
    }
}
