using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>The loops of reductions. What a cut output leaves is folded by a second launch of the same kernel.</summary>
internal static class ReduceKernels
{
    /// <summary>Rows that a thread of <see cref="Columns"/> loads before it adds them.</summary>
    internal const int RowsAtOnce = 4;

    /// <summary>Elements of an output lie close: a team folds those of one, four sums a thread, two packs on the way at once.</summary>
    internal static void Rows<TFold, TTeam, TSource>(ArrayView<float> x, ArrayView<float> y, ReduceLayout layout)
        where TFold : struct, IFold
        where TTeam : struct, ITeam
        where TSource : struct, IPackSource
    {
        var room = GroupReduce.Room<Folded<TFold>>();
        for (var piece = TTeam.First; piece < layout.Outputs * layout.Splits; piece += TTeam.Step)
        {
            var output = piece / layout.Splits;
            var first = (piece - output * layout.Splits) * layout.Chunk;
            var span = PackSpan.Of<TTeam>(layout.Source.Offset(output), first, first + IntMin(layout.Chunk, layout.Length - first));
            float a = TFold.Empty, b = a, c = a, d = a;
            for (var pack = 0; span.Has(pack); pack += 2)
            {
                var u = TSource.Load(x, layout.Reduced, span, pack, TFold.Empty);
                var v = TSource.Load(x, layout.Reduced, span, pack + 1, TFold.Empty);
                a = TFold.Apply(a, TFold.Apply(u.X, v.X));
                b = TFold.Apply(b, TFold.Apply(u.Y, v.Y));
                c = TFold.Apply(c, TFold.Apply(u.Z, v.Z));
                d = TFold.Apply(d, TFold.Apply(u.W, v.W));
            }

            var total = GroupReduce.All<TTeam, Folded<TFold>>(new(TFold.Apply(TFold.Apply(a, b), TFold.Apply(c, d))), room);
            if (TTeam.Lane == 0)
            {
                y[layout.Target.Offset(piece)] = total.Value / layout.Divisor;
            }
        }
    }

    /// <summary>Outputs lie close: neighbouring threads fold neighbouring outputs, so that each row of them is read at one go; the group's lines of threads share the rows.</summary>
    internal static void Columns<TFold>(ArrayView<float> x, ArrayView<float> y, ReduceLayout layout, int width)
        where TFold : struct, IFold
    {
        var room = SharedMemory.Allocate<Folded<TFold>>(GpuDevice.PreferredGroupSize);
        int column = Group.IdxX % width, line = Group.IdxX / width, lines = Group.DimX / width;
        var tiles = (layout.Outputs + width - 1) / width;
        for (var piece = Grid.IdxX; piece < tiles * layout.Splits; piece += Grid.DimX)
        {
            var split = piece / tiles;
            var output = (piece - split * tiles) * width + column;
            var end = output < layout.Outputs ? split * layout.Chunk + IntMin(layout.Chunk, layout.Length - split * layout.Chunk) : 0;
            var source = layout.Source.Offset(output < layout.Outputs ? output : 0);
            float a = TFold.Empty, b = a, c = a, d = a;
            for (var row = split * layout.Chunk + line; row < end; row += lines * RowsAtOnce)
            {
                var u = x[source + layout.Reduced.Offset(row)];
                var v = lines < end - row ? x[source + layout.Reduced.Offset(row + lines)] : TFold.Empty;
                var w = lines * 2 < end - row ? x[source + layout.Reduced.Offset(row + lines * 2)] : TFold.Empty;
                var z = lines * 3 < end - row ? x[source + layout.Reduced.Offset(row + lines * 3)] : TFold.Empty;
                a = TFold.Apply(a, u);
                b = TFold.Apply(b, v);
                c = TFold.Apply(c, w);
                d = TFold.Apply(d, z);
            }

            var total = GroupReduce.AcrossLines<Folded<TFold>>(new(TFold.Apply(TFold.Apply(a, b), TFold.Apply(c, d))), room, width);
            if (line == 0 && output < layout.Outputs)
            {
                y[layout.Target.Offset(split * layout.Outputs + output)] = total.Value / layout.Divisor;
            }
        }
    }

    private static int IntMin(int a, int b) => a < b ? a : b;
}
