namespace TaaS.Kernels.Reference;

internal sealed class ReferencePooling : IPoolingKernels
{
    public void MaxForward(View x, View y, View indices, Pool2dGeometry geometry) => Maxima(x, null, y, indices, geometry);

    public void BiasReluMaxForward(View x, View bias, View y, View indices, Pool2dGeometry geometry) => Maxima(x, bias, y, indices, geometry);

    public void MaxBackward(View dy, View indices, View dx, Pool2dGeometry geometry)
    {
        var sums = new double[dx.Elements];
        int outputArea = dy.Shape[2] * dy.Shape[3], inputArea = dx.Shape[2] * dx.Shape[3];
        for (var i = 0; i < (int)dy.Elements; i++)
        {
            if (indices.Ints[i] >= 0)
            {
                sums[i / outputArea * inputArea + indices.Ints[i]] += dy.Floats[i];
            }
        }

        for (var i = 0; i < sums.Length; i++)
        {
            dx.Floats[i] = (float)sums[i];
        }
    }

    public void BiasReluMaxBackward(View dy, View indices, View dx, View dbias, Pool2dGeometry geometry)
    {
        MaxBackward(dy, indices, dx, geometry);
        var area = dx.Shape[2] * dx.Shape[3];
        var sums = new double[dbias.Elements];
        for (var i = 0; i < (int)dx.Elements; i++)
        {
            sums[i / area % sums.Length] += dx.Floats[i];
        }

        for (var i = 0; i < sums.Length; i++)
        {
            dbias.Floats[i] = (float)sums[i];
        }
    }

    public void AverageForward(View x, View y, Pool2dGeometry geometry, bool countPadding)
    {
        int h = x.Shape[2], w = x.Shape[3], outputArea = y.Shape[2] * y.Shape[3];
        for (var i = 0; i < (int)y.Elements; i++)
        {
            var (top, bottom, left, right) = Window(i % outputArea, y.Shape[3], h, w, geometry);
            double sum = 0;
            for (var row = top; row < bottom; row++)
            {
                for (var column = left; column < right; column++)
                {
                    sum += x.Floats[(i / outputArea * h + row) * w + column];
                }
            }

            y.Floats[i] = (float)(sum / Divisor(geometry, countPadding, (bottom - top) * (right - left)));
        }
    }

    public void AverageBackward(View dy, View dx, Pool2dGeometry geometry, bool countPadding)
    {
        int h = dx.Shape[2], w = dx.Shape[3], outputArea = dy.Shape[2] * dy.Shape[3];
        var sums = new double[dx.Elements];
        for (var i = 0; i < (int)dy.Elements; i++)
        {
            var (top, bottom, left, right) = Window(i % outputArea, dy.Shape[3], h, w, geometry);
            var share = dy.Floats[i] / (double)Divisor(geometry, countPadding, (bottom - top) * (right - left));
            for (var row = top; row < bottom; row++)
            {
                for (var column = left; column < right; column++)
                {
                    sums[(i / outputArea * h + row) * w + column] += share;
                }
            }
        }

        for (var i = 0; i < sums.Length; i++)
        {
            dx.Floats[i] = (float)sums[i];
        }
    }

    /// <summary>Maximum of each window, after bias and relu where a bias is given.</summary>
    private static void Maxima(View x, View? bias, View y, View indices, Pool2dGeometry geometry)
    {
        int h = x.Shape[2], w = x.Shape[3], outputArea = y.Shape[2] * y.Shape[3];
        for (var i = 0; i < (int)y.Elements; i++)
        {
            var plane = i / outputArea;
            var (top, bottom, left, right) = Window(i % outputArea, y.Shape[3], h, w, geometry);
            var shift = bias is { } b ? b.Floats[plane % x.Shape[1]] : 0;
            var largest = float.NegativeInfinity;
            var best = top * w + left;
            for (var row = top; row < bottom; row++)
            {
                for (var column = left; column < right; column++)
                {
                    var value = x.Floats[(plane * h + row) * w + column] + shift;
                    if (value > largest || (float.IsNaN(value) && !float.IsNaN(largest)))
                    {
                        (largest, best) = (value, row * w + column);
                    }
                }
            }

            if (bias is not null && !(largest > 0))
            {
                // NaN passes on (relu keeps it) and, like 0, sends no gradient back.
                (largest, best) = (float.IsNaN(largest) ? largest : 0, -1);
            }

            y.Floats[i] = largest;
            indices.Ints[i] = best;
        }
    }

    private static (int Top, int Bottom, int Left, int Right) Window(int position, int outputW, int h, int w, Pool2dGeometry g)
    {
        int top = position / outputW * g.StrideH - g.PadH, left = position % outputW * g.StrideW - g.PadW;
        return (Math.Max(top, 0), Math.Min(top + g.WindowH, h), Math.Max(left, 0), Math.Min(left + g.WindowW, w));
    }

    private static int Divisor(Pool2dGeometry g, bool countPadding, int inside) => countPadding ? g.WindowH * g.WindowW : inside;
}
