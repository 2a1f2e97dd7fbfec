using TaaS.Kernels;

namespace TaaS.Engine.Data;

/// <summary>Labelled samples of one shape, read in any order. Reading is thread-safe.</summary>
public interface IDataset
{
    /// <summary>Number of samples.</summary>
    int Count { get; }

    /// <summary>Shape of one sample, such as [1, 28, 28] (channels, rows, columns).</summary>
    Shape SampleShape { get; }

    /// <summary>Number of classes; labels lie in 0..Classes−1.</summary>
    int Classes { get; }

    /// <summary>Writes a sample's values, row-major, and its label.</summary>
    /// <exception cref="DataException">The sample cannot be read.</exception>
    void Read(int index, Span<float> sample, out int label);
}
