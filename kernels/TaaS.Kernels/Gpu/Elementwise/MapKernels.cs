using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>The loops of element-wise operations. Every thread strides over the elements by the whole grid.</summary>
internal static class MapKernels
{
    /// <summary>Contiguous operands at 16-byte addresses: four elements an access, the last few by the first threads.</summary>
    internal static void Contiguous<TFunction>(ArrayView<float> a, ArrayView<float> b, ArrayView<float> y, float s, int length)
        where TFunction : struct, IMapFunction
    {
        var (first, step) = (Grid.GlobalIndex.X, Grid.DimX * Group.DimX);
        var (a4, b4, y4) = (a.Cast<Float4>(), b.Cast<Float4>(), y.Cast<Float4>());
        var quads = length / Float4.Count;
        for (var i = first; i < quads; i += step)
        {
            var u = TFunction.Inputs > 0 ? a4[i] : default;
            var v = TFunction.Inputs > 1 ? b4[i] : u;
            y4[i] = new Float4(
                TFunction.Apply(u.X, v.X, s),
                TFunction.Apply(u.Y, v.Y, s),
                TFunction.Apply(u.Z, v.Z, s),
                TFunction.Apply(u.W, v.W, s));
        }

        for (var i = quads * Float4.Count + first; i < length; i += step)
        {
            var u = TFunction.Inputs > 0 ? a[i] : 0f;
            y[i] = TFunction.Apply(u, TFunction.Inputs > 1 ? b[i] : u, s);
        }
    }

    /// <summary>Quads of a walk that <see cref="MapLayout.TryWiden"/> found.</summary>
    internal static void Wide<TFunction>(ArrayView<float> a, ArrayView<float> b, ArrayView<float> y, MapLayout layout, int spread, float s, int quads)
        where TFunction : struct, IMapFunction
    {
        for (var i = Grid.GlobalIndex.X; i < quads; i += Grid.DimX * Group.DimX)
        {
            var at = layout.Position(i);
            var u = TFunction.Inputs > 0 ? Quad(a, layout.First.Offset(at), (spread & 1) != 0) : default;
            var v = TFunction.Inputs > 1 ? Quad(b, layout.Second.Offset(at), (spread & 2) != 0) : u;
            y.Cast<Float4>()[layout.Result.Offset(at)] = new Float4(
                TFunction.Apply(u.X, v.X, s),
                TFunction.Apply(u.Y, v.Y, s),
                TFunction.Apply(u.Z, v.Z, s),
                TFunction.Apply(u.W, v.W, s));
        }
    }

    /// <summary>Operands of any strides; the views begin at their first elements.</summary>
    internal static void Strided<TFunction>(ArrayView<float> a, ArrayView<float> b, ArrayView<float> y, MapLayout layout, float s, int length)
        where TFunction : struct, IMapFunction
    {
        for (var i = Grid.GlobalIndex.X; i < length; i += Grid.DimX * Group.DimX)
        {
            var at = layout.Position(i);
            var u = TFunction.Inputs > 0 ? a[layout.First.Offset(at)] : 0f;
            var v = TFunction.Inputs > 1 ? b[layout.Second.Offset(at)] : u;
            y[layout.Result.Offset(at)] = TFunction.Apply(u, v, s);
        }
    }

    /// <summary>1 at each row's label, else 0.</summary>
    internal static void OneHot(ArrayView<int> labels, ArrayView<float> y, int classes, int length)
    {
        for (var i = Grid.GlobalIndex.X; i < length; i += Grid.DimX * Group.DimX)
        {
            var row = i / classes;
            y[i] = labels[row] == i - row * classes ? 1f : 0f;
        }
    }

    /// <summary>Bits of a walk that <see cref="MapLayout.TryWiden"/> found, whatever they mean.</summary>
    internal static void CopyWide(ArrayView<int> x, ArrayView<int> y, MapLayout layout, int spread, int quads)
    {
        for (var i = Grid.GlobalIndex.X; i < quads; i += Grid.DimX * Group.DimX)
        {
            var at = layout.Position(i);
            var from = layout.First.Offset(at);
            y.Cast<Int4>()[layout.Result.Offset(at)] = spread == 0 ? x.Cast<Int4>()[from] : Four(x[from]);
        }
    }

    /// <summary>Bits of any strides, whatever they mean.</summary>
    internal static void CopyStrided(ArrayView<int> x, ArrayView<int> y, MapLayout layout, int length)
    {
        for (var i = Grid.GlobalIndex.X; i < length; i += Grid.DimX * Group.DimX)
        {
            var at = layout.Position(i);
            y[layout.Result.Offset(at)] = x[layout.First.Offset(at)];
        }
    }

    /// <summary>Four neighbours, or one element four times.</summary>
    private static Float4 Quad(ArrayView<float> x, int at, bool spread)
    {
        if (spread)
        {
            var value = x[at];
            return new Float4(value, value, value, value);
        }

        return x.Cast<Float4>()[at];
    }

    private static Int4 Four(int value) => new(value, value, value, value);
}
