using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>The loops of layer normalisation over rows: a team takes a row, keeps its first packs in registers, and reads what a longer row has beyond them again.</summary>
internal static class LayerKernels
{
    /// <summary>The mean from differences from the row's first element, then the variance around that mean, what its rounding adds taken off.</summary>
    internal static void Forward<TTeam, TAccess>(ArrayView<float> x, ArrayView<float> gamma, ArrayView<float> beta, ArrayView<float> y, ArrayView<float> savedMean, ArrayView<float> savedInverseStd, int rows, int columns, float epsilon)
        where TTeam : struct, ITeam
        where TAccess : struct, IPackAccess
    {
        var sumRoom = GroupReduce.Room<Folded<SumFold>>();
        var pairRoom = GroupReduce.Room<PairSum>();
        for (var row = TTeam.First; row < rows; row += TTeam.Step)
        {
            var span = PackSpan.Of<TTeam>(row * columns, 0, columns);
            var center = x[row * columns];
            var p0 = TAccess.Load(x, AxisWalk.Dense, span, 0, center);
            var p1 = TAccess.Load(x, AxisWalk.Dense, span, 1, center);
            var p2 = TAccess.Load(x, AxisWalk.Dense, span, 2, center);
            var p3 = TAccess.Load(x, AxisWalk.Dense, span, 3, center);
            var sum = Sum(p0, center) + Sum(p1, center) + (Sum(p2, center) + Sum(p3, center));
            for (var pack = TeamPlan.HeldPacks; span.Has(pack); pack++)
            {
                sum += Sum(TAccess.Load(x, AxisWalk.Dense, span, pack, center), center);
            }

            var mean = center + GroupReduce.All<TTeam, Folded<SumFold>>(new(sum), sumRoom).Value / columns;
            var squares = PairSum.Combine(
                PairSum.Combine(Squares<TAccess>(p0, span, 0, mean), Squares<TAccess>(p1, span, 1, mean)),
                PairSum.Combine(Squares<TAccess>(p2, span, 2, mean), Squares<TAccess>(p3, span, 3, mean)));
            for (var pack = TeamPlan.HeldPacks; span.Has(pack); pack++)
            {
                squares = PairSum.Combine(squares, Squares<TAccess>(TAccess.Load(x, AxisWalk.Dense, span, pack, center), span, pack, mean));
            }

            squares = GroupReduce.All<TTeam, PairSum>(squares, pairRoom);
            var rounding = squares.First / columns;
            var variance = squares.Second / columns - rounding * rounding;

            // Rounding must not leave less than nothing: its root would be NaN.
            var inverse = 1f / MathF.Sqrt((variance < 0f ? 0f : variance) + epsilon);
            if (TTeam.Lane == 0)
            {
                savedMean[row] = mean;
                savedInverseStd[row] = inverse;
            }

            var columnSpan = PackSpan.Of<TTeam>(0, 0, columns);
            Store<TAccess>(p0, gamma, beta, y, span, columnSpan, 0, mean, inverse);
            Store<TAccess>(p1, gamma, beta, y, span, columnSpan, 1, mean, inverse);
            Store<TAccess>(p2, gamma, beta, y, span, columnSpan, 2, mean, inverse);
            Store<TAccess>(p3, gamma, beta, y, span, columnSpan, 3, mean, inverse);
            for (var pack = TeamPlan.HeldPacks; span.Has(pack); pack++)
            {
                Store<TAccess>(TAccess.Load(x, AxisWalk.Dense, span, pack, 0f), gamma, beta, y, span, columnSpan, pack, mean, inverse);
            }
        }
    }

    /// <summary>dx from Σ dy·gamma and Σ dy·gamma·x̂ of the row; x̂ and dy·gamma stay in registers.</summary>
    internal static void Backward<TTeam, TAccess>(ArrayView<float> x, ArrayView<float> gamma, ArrayView<float> savedMean, ArrayView<float> savedInverseStd, ArrayView<float> dy, ArrayView<float> dx, int rows, int columns)
        where TTeam : struct, ITeam
        where TAccess : struct, IPackAccess
    {
        var room = GroupReduce.Room<PairSum>();
        for (var row = TTeam.First; row < rows; row += TTeam.Step)
        {
            var span = PackSpan.Of<TTeam>(row * columns, 0, columns);
            var columnSpan = PackSpan.Of<TTeam>(0, 0, columns);
            float mean = savedMean[row], inverse = savedInverseStd[row];
            Float4 n0 = Normal<TAccess>(x, span, 0, mean, inverse), g0 = Gradient<TAccess>(dy, gamma, span, columnSpan, 0);
            Float4 n1 = Normal<TAccess>(x, span, 1, mean, inverse), g1 = Gradient<TAccess>(dy, gamma, span, columnSpan, 1);
            Float4 n2 = Normal<TAccess>(x, span, 2, mean, inverse), g2 = Gradient<TAccess>(dy, gamma, span, columnSpan, 2);
            Float4 n3 = Normal<TAccess>(x, span, 3, mean, inverse), g3 = Gradient<TAccess>(dy, gamma, span, columnSpan, 3);
            var sums = PairSum.Combine(PairSum.Combine(Sums(n0, g0), Sums(n1, g1)), PairSum.Combine(Sums(n2, g2), Sums(n3, g3)));
            for (var pack = TeamPlan.HeldPacks; span.Has(pack); pack++)
            {
                sums = PairSum.Combine(sums, Sums(Normal<TAccess>(x, span, pack, mean, inverse), Gradient<TAccess>(dy, gamma, span, columnSpan, pack)));
            }

            sums = GroupReduce.All<TTeam, PairSum>(sums, room);
            float shift = sums.First / columns, slope = sums.Second / columns;
            TAccess.Store(dx, AxisWalk.Dense, span, 0, Result(n0, g0, inverse, shift, slope));
            TAccess.Store(dx, AxisWalk.Dense, span, 1, Result(n1, g1, inverse, shift, slope));
            TAccess.Store(dx, AxisWalk.Dense, span, 2, Result(n2, g2, inverse, shift, slope));
            TAccess.Store(dx, AxisWalk.Dense, span, 3, Result(n3, g3, inverse, shift, slope));
            for (var pack = TeamPlan.HeldPacks; span.Has(pack); pack++)
            {
                var (n, g) = (Normal<TAccess>(x, span, pack, mean, inverse), Gradient<TAccess>(dy, gamma, span, columnSpan, pack));
                TAccess.Store(dx, AxisWalk.Dense, span, pack, Result(n, g, inverse, shift, slope));
            }
        }
    }

    private static float Sum(Float4 p, float center) => p.X - center + (p.Y - center) + (p.Z - center + (p.W - center));

    /// <summary>Σ (x − mean) and Σ (x − mean)² of the slots before the end.</summary>
    private static PairSum Squares<TAccess>(Float4 p, PackSpan span, int pack, float mean)
        where TAccess : struct, IPackAccess
    {
        var a = span.Holds(TAccess.Element(span, pack, 0)) ? p.X - mean : 0f;
        var b = span.Holds(TAccess.Element(span, pack, 1)) ? p.Y - mean : 0f;
        var c = span.Holds(TAccess.Element(span, pack, 2)) ? p.Z - mean : 0f;
        var d = span.Holds(TAccess.Element(span, pack, 3)) ? p.W - mean : 0f;
        return new PairSum(a + b + (c + d), a * a + b * b + (c * c + d * d));
    }

    private static void Store<TAccess>(Float4 p, ArrayView<float> gamma, ArrayView<float> beta, ArrayView<float> y, PackSpan span, PackSpan columnSpan, int pack, float mean, float inverse)
        where TAccess : struct, IPackAccess
    {
        if (span.Has(pack))
        {
            var g = TAccess.Load(gamma, AxisWalk.Dense, columnSpan, pack, 0f);
            var b = TAccess.Load(beta, AxisWalk.Dense, columnSpan, pack, 0f);
            var value = new Float4(
                (p.X - mean) * inverse * g.X + b.X,
                (p.Y - mean) * inverse * g.Y + b.Y,
                (p.Z - mean) * inverse * g.Z + b.Z,
                (p.W - mean) * inverse * g.W + b.W);
            TAccess.Store(y, AxisWalk.Dense, span, pack, value);
        }
    }

    /// <summary>x̂; 0 beyond the end.</summary>
    private static Float4 Normal<TAccess>(ArrayView<float> x, PackSpan span, int pack, float mean, float inverse)
        where TAccess : struct, IPackAccess
    {
        var p = TAccess.Load(x, AxisWalk.Dense, span, pack, mean);
        return new Float4((p.X - mean) * inverse, (p.Y - mean) * inverse, (p.Z - mean) * inverse, (p.W - mean) * inverse);
    }

    /// <summary>dy · gamma; 0 beyond the end.</summary>
    private static Float4 Gradient<TAccess>(ArrayView<float> dy, ArrayView<float> gamma, PackSpan span, PackSpan columnSpan, int pack)
        where TAccess : struct, IPackAccess
    {
        var d = TAccess.Load(dy, AxisWalk.Dense, span, pack, 0f);
        var g = TAccess.Load(gamma, AxisWalk.Dense, columnSpan, pack, 0f);
        return new Float4(d.X * g.X, d.Y * g.Y, d.Z * g.Z, d.W * g.W);
    }

    private static PairSum Sums(Float4 n, Float4 g) => new(g.X + g.Y + (g.Z + g.W), g.X * n.X + g.Y * n.Y + (g.Z * n.Z + g.W * n.W));

    private static Float4 Result(Float4 n, Float4 g, float inverse, float shift, float slope) => new(
        inverse * (g.X - shift - n.X * slope),
        inverse * (g.Y - shift - n.Y * slope),
        inverse * (g.Z - shift - n.Z * slope),
        inverse * (g.W - shift - n.W * slope));
}
