using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations;

/// <summary>Operands, the same numbers for whoever computes with them.</summary>
public static class Inputs
{
    /// <summary>Repeatable numbers from −0.5 to 0.5.</summary>
    public static float[] Values(long count, int seed)
    {
        var random = new Random(seed);
        var values = GC.AllocateUninitializedArray<float>(checked((int)count), pinned: true);
        foreach (ref var value in values.AsSpan())
        {
            value = random.NextSingle() - 0.5f;
        }

        return values;
    }

    /// <summary>The same numbers on a device.</summary>
    public static View Floats(Device device, int seed, params ReadOnlySpan<int> shape)
    {
        var lengths = new Shape(shape);
        var view = new View(device.Allocate(DType.Float32, lengths.Elements), lengths);
        view.Upload(Values(view.Elements, seed));
        return view;
    }

    /// <summary>Class numbers 0, 1, … over and over.</summary>
    public static View Labels(Device device, int count, int classes)
    {
        var view = new View(device.Allocate(DType.Int32, count), new Shape(count));
        view.Upload([.. Enumerable.Range(0, count).Select(i => i % classes)]);
        return view;
    }

    /// <summary>Room for a result.</summary>
    public static View Empty(Device device, DType dtype, params ReadOnlySpan<int> shape)
    {
        var lengths = new Shape(shape);
        return new View(device.Allocate(dtype, lengths.Elements, zeroed: true), lengths);
    }

    /// <summary>Rows and columns exchanged, without a copy.</summary>
    public static View Transposed(View matrix) =>
        matrix with { Shape = new Shape(matrix.Shape[1], matrix.Shape[0]), Strides = new Strides([1L, matrix.Shape[1]]) };
}
