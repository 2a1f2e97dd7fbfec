using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// The loops of softmax: a team takes a row, keeps its first packs in registers between the sum and the result, and reads what
/// a longer row has beyond them a second time.
/// </summary>
internal static class SoftmaxKernels
{
    /// <summary>One read of the row gives maximum and sum: exponentials below each thread's own maximum, rescaled once the row's is known.</summary>
    internal static void Forward<TOutput, TTeam, TAccess>(ArrayView<float> x, ArrayView<float> y, ArrayView<int> labels, ArrayView<float> losses, int rows, int classes)
        where TOutput : struct, ISoftmaxOutput
        where TTeam : struct, ITeam
        where TAccess : struct, IPackAccess
    {
        var (maxima, sums) = (GroupReduce.Room<Folded<MaxFold>>(), GroupReduce.Room<Folded<SumFold>>());
        for (var row = TTeam.First; row < rows; row += TTeam.Step)
        {
            var span = PackSpan.Of<TTeam>(row * classes, 0, classes);
            var p0 = Load<TAccess>(x, span, 0);
            var p1 = Load<TAccess>(x, span, 1);
            var p2 = Load<TAccess>(x, span, 2);
            var p3 = Load<TAccess>(x, span, 3);
            var own = GpuMath.Max(GpuMath.Max(Largest(p0), Largest(p1)), GpuMath.Max(Largest(p2), Largest(p3)));
            var center = SoftmaxSum.Center(own);
            var e0 = Below(p0, center);
            var e1 = span.Has(1) ? Below(p1, center) : default;
            var e2 = span.Has(2) ? Below(p2, center) : default;
            var e3 = span.Has(3) ? Below(p3, center) : default;
            var state = new SoftmaxSum(own, Sum(e0) + Sum(e1) + (Sum(e2) + Sum(e3)));
            for (var pack = TeamPlan.HeldPacks; span.Has(pack); pack++)
            {
                var p = Load<TAccess>(x, span, pack);
                var largest = GpuMath.Max(state.Largest, Largest(p));
                state = new SoftmaxSum(largest, state.Sum * SoftmaxSum.Rescale(state.Largest, largest) + Sum(Below(p, SoftmaxSum.Center(largest))));
            }

            // The maximum first: combining sums below different maxima would take two exponentials at every step.
            var rowLargest = GroupReduce.All<TTeam, Folded<MaxFold>>(new(state.Largest), maxima).Value;
            var rowSum = GroupReduce.All<TTeam, Folded<SumFold>>(new(state.Sum * SoftmaxSum.Rescale(state.Largest, rowLargest)), sums).Value;
            state = new SoftmaxSum(rowLargest, rowSum);
            var label = 0;
            if (TOutput.HasLabels)
            {
                label = labels[row];
                if (TTeam.Lane == 0)
                {
                    losses[row] = GpuMath.Log(state.Sum) + state.Largest - x[row * classes + label];
                }
            }

            var term = TOutput.Term(state.Sum, rows);
            var scale = Decay.Exp(center - state.Largest);
            Store<TOutput, TAccess>(y, span, 0, p0, Times(e0, scale), state.Largest, term, label, rows);
            if (span.Has(1))
            {
                Store<TOutput, TAccess>(y, span, 1, p1, Times(e1, scale), state.Largest, term, label, rows);
            }

            if (span.Has(2))
            {
                Store<TOutput, TAccess>(y, span, 2, p2, Times(e2, scale), state.Largest, term, label, rows);
            }

            if (span.Has(3))
            {
                Store<TOutput, TAccess>(y, span, 3, p3, Times(e3, scale), state.Largest, term, label, rows);
            }

            for (var pack = TeamPlan.HeldPacks; span.Has(pack); pack++)
            {
                var p = Load<TAccess>(x, span, pack);
                Store<TOutput, TAccess>(y, span, pack, p, Below(p, state.Largest), state.Largest, term, label, rows);
            }
        }
    }

    /// <summary>One sum over a row of two inputs, then the gradient from what was kept.</summary>
    internal static void Backward<TGradient, TTeam, TAccess>(ArrayView<float> y, ArrayView<float> dy, ArrayView<float> dx, int rows, int classes)
        where TGradient : struct, ISoftmaxGradient
        where TTeam : struct, ITeam
        where TAccess : struct, IPackAccess
    {
        var room = GroupReduce.Room<Folded<SumFold>>();
        for (var row = TTeam.First; row < rows; row += TTeam.Step)
        {
            var span = PackSpan.Of<TTeam>(row * classes, 0, classes);
            Float4 y0 = TAccess.Load(y, AxisWalk.Dense, span, 0, 0f), d0 = TAccess.Load(dy, AxisWalk.Dense, span, 0, 0f);
            Float4 y1 = TAccess.Load(y, AxisWalk.Dense, span, 1, 0f), d1 = TAccess.Load(dy, AxisWalk.Dense, span, 1, 0f);
            Float4 y2 = TAccess.Load(y, AxisWalk.Dense, span, 2, 0f), d2 = TAccess.Load(dy, AxisWalk.Dense, span, 2, 0f);
            Float4 y3 = TAccess.Load(y, AxisWalk.Dense, span, 3, 0f), d3 = TAccess.Load(dy, AxisWalk.Dense, span, 3, 0f);
            var sum = Terms<TGradient>(y0, d0) + Terms<TGradient>(y1, d1) + (Terms<TGradient>(y2, d2) + Terms<TGradient>(y3, d3));
            for (var pack = TeamPlan.HeldPacks; span.Has(pack); pack++)
            {
                sum += Terms<TGradient>(TAccess.Load(y, AxisWalk.Dense, span, pack, 0f), TAccess.Load(dy, AxisWalk.Dense, span, pack, 0f));
            }

            sum = GroupReduce.All<TTeam, Folded<SumFold>>(new(sum), room).Value;
            TAccess.Store(dx, AxisWalk.Dense, span, 0, Gradient<TGradient>(y0, d0, sum));
            if (span.Has(1))
            {
                TAccess.Store(dx, AxisWalk.Dense, span, 1, Gradient<TGradient>(y1, d1, sum));
            }

            if (span.Has(2))
            {
                TAccess.Store(dx, AxisWalk.Dense, span, 2, Gradient<TGradient>(y2, d2, sum));
            }

            if (span.Has(3))
            {
                TAccess.Store(dx, AxisWalk.Dense, span, 3, Gradient<TGradient>(y3, d3, sum));
            }

            for (var pack = TeamPlan.HeldPacks; span.Has(pack); pack++)
            {
                var gradient = Gradient<TGradient>(TAccess.Load(y, AxisWalk.Dense, span, pack, 0f), TAccess.Load(dy, AxisWalk.Dense, span, pack, 0f), sum);
                TAccess.Store(dx, AxisWalk.Dense, span, pack, gradient);
            }
        }
    }

    private static Float4 Load<TAccess>(ArrayView<float> x, PackSpan span, int pack)
        where TAccess : struct, IPackAccess => TAccess.Load(x, AxisWalk.Dense, span, pack, float.NegativeInfinity);

    private static float Largest(Float4 p) => GpuMath.Max(GpuMath.Max(p.X, p.Y), GpuMath.Max(p.Z, p.W));

    private static Float4 Below(Float4 p, float center) => new(Decay.Exp(p.X - center), Decay.Exp(p.Y - center), Decay.Exp(p.Z - center), Decay.Exp(p.W - center));

    private static float Sum(Float4 p) => p.X + p.Y + (p.Z + p.W);

    private static Float4 Times(Float4 p, float factor) => new(p.X * factor, p.Y * factor, p.Z * factor, p.W * factor);

    private static void Store<TOutput, TAccess>(ArrayView<float> y, PackSpan span, int pack, Float4 x, Float4 e, float center, float term, int label, int rows)
        where TOutput : struct, ISoftmaxOutput
        where TAccess : struct, IPackAccess
    {
        var value = new Float4(
            TOutput.Apply(x.X, e.X, center, term, TAccess.Element(span, pack, 0) == label, rows),
            TOutput.Apply(x.Y, e.Y, center, term, TAccess.Element(span, pack, 1) == label, rows),
            TOutput.Apply(x.Z, e.Z, center, term, TAccess.Element(span, pack, 2) == label, rows),
            TOutput.Apply(x.W, e.W, center, term, TAccess.Element(span, pack, 3) == label, rows));
        TAccess.Store(y, AxisWalk.Dense, span, pack, value);
    }

    private static float Terms<TGradient>(Float4 y, Float4 dy)
        where TGradient : struct, ISoftmaxGradient =>
        TGradient.Term(y.X, dy.X) + TGradient.Term(y.Y, dy.Y) + (TGradient.Term(y.Z, dy.Z) + TGradient.Term(y.W, dy.W));

    private static Float4 Gradient<TGradient>(Float4 y, Float4 dy, float sum)
        where TGradient : struct, ISoftmaxGradient =>
        new(TGradient.Apply(y.X, dy.X, sum), TGradient.Apply(y.Y, dy.Y, sum), TGradient.Apply(y.Z, dy.Z, sum), TGradient.Apply(y.W, dy.W, sum));
}
