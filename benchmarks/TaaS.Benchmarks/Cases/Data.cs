using TaaS.Kernels;
using TaaS.Kernels.Cpu;

namespace TaaS.Benchmarks.Cases;

/// <summary>Inputs, the same for every contender.</summary>
internal static class Data
{
    /// <summary>Repeatable numbers around 0.</summary>
    internal static float[] Values(long count, int seed = 1)
    {
        var random = new Random(seed);
        var values = GC.AllocateUninitializedArray<float>(checked((int)count), pinned: true);
        foreach (ref var value in values.AsSpan())
        {
            value = random.NextSingle() - 0.5f;
        }

        return values;
    }

    /// <summary>The same numbers as a view of our device.</summary>
    internal static View View(int seed, params int[] shape)
    {
        var view = Empty(DType.Float32, shape);
        Values(view.Elements, seed).CopyTo(view.Floats);
        return view;
    }

    /// <summary>Room for a result.</summary>
    internal static View Empty(DType dtype, params int[] shape)
    {
        var lengths = new Shape(shape);
        return new View(CpuDevice.Instance.Allocate(dtype, lengths.Elements, zeroed: true), lengths);
    }

    /// <summary>Rows and columns exchanged, without a copy.</summary>
    internal static View Transposed(View matrix) =>
        new(matrix.Buffer, new Shape(matrix.Shape[1], matrix.Shape[0]), new Strides([1L, matrix.Shape[1]]), 0);
}
