using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// The loops of batch normalisation: a group takes a part of a channel. A first launch leaves each part's sums; in the second every group
/// folds its channel's sums in the same order, and the group of the first part writes what belongs to the channel.
/// </summary>
internal static class BatchKernels
{
    /// <summary>Moments of a part, relative to the channel's first element: one read, each thread around its own first element. partials: [C, splits] of (first element, count, mean, square).</summary>
    internal static void Moments<TAccess>(ArrayView<float> x, ArrayView<Float4> partials, ChannelLayout layout)
        where TAccess : struct, IPackAccess
    {
        var room = GroupReduce.Room<Moments>();
        for (var piece = Grid.IdxX; piece < layout.Pieces; piece += Grid.DimX)
        {
            var channel = piece / layout.Splits;
            var span = layout.Span(channel, piece - channel * layout.Splits);
            var center = x[span.Origin];
            var first = TAccess.Element(span, 0, 0);
            var own = span.Holds(first) ? x[span.Origin + layout.Walk.Offset(first)] : center;
            var shift = own - center;
            float sum = 0f, square = 0f;
            for (var pack = 0; span.Has(pack); pack++)
            {
                // Beyond the end the thread's own element adds exactly nothing.
                var p = TAccess.Load(x, layout.Walk, span, pack, own);
                float a = p.X - center - shift, b = p.Y - center - shift, c = p.Z - center - shift, d = p.W - center - shift;
                sum += a + b + (c + d);
                square += a * a + b * b + (c * c + d * d);
            }

            var moments = GroupReduce.All<GroupTeam, Moments>(Gpu.Moments.Of(span.Count(TAccess.Width), shift, sum, square), room);
            if (Group.IdxX == 0)
            {
                partials[piece] = new Float4(center, moments.Count, moments.Mean, moments.Square);
            }
        }
    }

    /// <summary>y = (x − mean) / √(variance + ε) · gamma + beta, 16 bytes an access.</summary>
    internal static void Normalize<TAccess>(ArrayView<float> x, ArrayView<float> gamma, ArrayView<float> beta, ArrayView<float> y, ArrayView<Float4> partials, BatchStatistics statistics, ChannelLayout layout)
        where TAccess : struct, IPackAccess
    {
        var room = GroupReduce.Room<Moments>();
        for (var piece = Grid.IdxX; piece < layout.Pieces; piece += Grid.DimX)
        {
            int channel = piece / layout.Splits, split = piece - channel * layout.Splits;
            var moments = Gpu.Moments.Empty;
            for (var other = Group.IdxX; other < layout.Splits; other += Group.DimX)
            {
                var partial = partials[channel * layout.Splits + other];
                moments = Gpu.Moments.Combine(moments, new Moments(partial.Y, partial.Z, partial.W));
            }

            moments = GroupReduce.All<GroupTeam, Moments>(moments, room);
            var mean = partials[channel * layout.Splits].X + moments.Mean;
            var inverse = 1f / MathF.Sqrt(moments.Square / moments.Count + statistics.Epsilon);
            if (split == 0 && Group.IdxX == 0)
            {
                statistics.Save(channel, mean, inverse, moments);
            }

            Affine<TAccess>(x, y, layout, layout.Span(channel, split), mean, inverse * gamma[channel], beta[channel]);
        }
    }

    /// <summary>The same with moments that are known.</summary>
    internal static void Inference<TAccess>(ArrayView<float> x, ArrayView<float> gamma, ArrayView<float> beta, ArrayView<float> mean, ArrayView<float> variance, ArrayView<float> y, float epsilon, ChannelLayout layout)
        where TAccess : struct, IPackAccess
    {
        for (var piece = Grid.IdxX; piece < layout.Pieces; piece += Grid.DimX)
        {
            var channel = piece / layout.Splits;
            var span = layout.Span(channel, piece - channel * layout.Splits);
            Affine<TAccess>(x, y, layout, span, mean[channel], gamma[channel] / MathF.Sqrt(variance[channel] + epsilon), beta[channel]);
        }
    }

    /// <summary>Σ dy and Σ dy·(x − mean) of a part. partials: [2, C · splits].</summary>
    internal static void Sums<TAccess>(ArrayView<float> x, ArrayView<float> dy, ArrayView<float> savedMean, ArrayView<float> partials, ChannelLayout layout)
        where TAccess : struct, IPackAccess
    {
        var room = GroupReduce.Room<PairSum>();
        for (var piece = Grid.IdxX; piece < layout.Pieces; piece += Grid.DimX)
        {
            var channel = piece / layout.Splits;
            var span = layout.Span(channel, piece - channel * layout.Splits);
            var mean = savedMean[channel];
            float sum = 0f, dot = 0f;
            for (var pack = 0; span.Has(pack); pack++)
            {
                var d = TAccess.Load(dy, layout.Walk, span, pack, 0f);
                var p = TAccess.Load(x, layout.Walk, span, pack, mean);
                sum += d.X + d.Y + (d.Z + d.W);
                dot += d.X * (p.X - mean) + d.Y * (p.Y - mean) + (d.Z * (p.Z - mean) + d.W * (p.W - mean));
            }

            var sums = GroupReduce.All<GroupTeam, PairSum>(new(sum, dot), room);
            if (Group.IdxX == 0)
            {
                partials[piece] = sums.First;
                partials[layout.Pieces + piece] = sums.Second;
            }
        }
    }

    /// <summary>dx = gamma / σ · (dy − mean of dy − x̂ · mean of dy·x̂), with dgamma and dbeta.</summary>
    internal static void Gradients<TAccess>(ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dx, ArrayView<float> partials, BatchGradients gradients, ChannelLayout layout)
        where TAccess : struct, IPackAccess
    {
        var room = GroupReduce.Room<PairSum>();
        for (var piece = Grid.IdxX; piece < layout.Pieces; piece += Grid.DimX)
        {
            int channel = piece / layout.Splits, split = piece - channel * layout.Splits;
            var sums = PairSum.Empty;
            for (var other = Group.IdxX; other < layout.Splits; other += Group.DimX)
            {
                var at = channel * layout.Splits + other;
                sums = PairSum.Combine(sums, new PairSum(partials[at], partials[layout.Pieces + at]));
            }

            sums = GroupReduce.All<GroupTeam, PairSum>(sums, room);
            float mean = gradients.SavedMean[channel], inverse = gradients.SavedInverseStd[channel];
            var dot = sums.Second * inverse;
            if (split == 0 && Group.IdxX == 0)
            {
                gradients.Dgamma[channel] = dot;
                gradients.Dbeta[channel] = sums.First;
            }

            var scale = gradients.Gamma[channel] * inverse;
            float slope = -scale * inverse * dot / layout.Length, shift = -scale * sums.First / layout.Length;
            var span = layout.Span(channel, split);
            for (var pack = 0; span.Has(pack); pack++)
            {
                var d = TAccess.Load(dy, layout.Walk, span, pack, 0f);
                var p = TAccess.Load(x, layout.Walk, span, pack, 0f);
                var gradient = new Float4(
                    d.X * scale + ((p.X - mean) * slope + shift),
                    d.Y * scale + ((p.Y - mean) * slope + shift),
                    d.Z * scale + ((p.Z - mean) * slope + shift),
                    d.W * scale + ((p.W - mean) * slope + shift));
                TAccess.Store(dx, layout.Walk, span, pack, gradient);
            }
        }
    }

    private static void Affine<TAccess>(ArrayView<float> x, ArrayView<float> y, ChannelLayout layout, PackSpan span, float mean, float scale, float shift)
        where TAccess : struct, IPackAccess
    {
        for (var pack = 0; span.Has(pack); pack++)
        {
            var p = TAccess.Load(x, layout.Walk, span, pack, 0f);
            var value = new Float4((p.X - mean) * scale + shift, (p.Y - mean) * scale + shift, (p.Z - mean) * scale + shift, (p.W - mean) * scale + shift);
            TAccess.Store(y, layout.Walk, span, pack, value);
        }
    }
}
