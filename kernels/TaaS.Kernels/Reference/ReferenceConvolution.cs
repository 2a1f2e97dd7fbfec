namespace TaaS.Kernels.Reference;

internal sealed class ReferenceConvolution : IConvolutionKernels
{
    private delegate void Tap(int x, int w, int y);

    public void Forward(View x, View w, View? bias, View y, Conv2dGeometry geometry, FusedActivation activation)
    {
        Span<float> inputs = x.Floats, weights = w.Floats, outputs = y.Floats;
        var sums = new double[outputs.Length];
        var area = y.Shape[2] * y.Shape[3];
        for (var i = 0; bias is not null && i < sums.Length; i++)
        {
            sums[i] = bias.Value.Floats[i / area % y.Shape[1]];
        }

        float[] input = inputs.ToArray(), weight = weights.ToArray();
        Walk(x.Shape, w.Shape, y.Shape, geometry, (xi, wi, yi) => sums[yi] += (double)input[xi] * weight[wi]);
        for (var i = 0; i < sums.Length; i++)
        {
            outputs[i] = (float)(activation == FusedActivation.Relu ? Math.Max(sums[i], 0) : sums[i]);
        }
    }

    public void BackwardData(View dy, View w, View dx, Conv2dGeometry geometry)
    {
        float[] gradient = dy.Floats.ToArray(), weight = w.Floats.ToArray();
        var sums = new double[dx.Elements];
        Walk(dx.Shape, w.Shape, dy.Shape, geometry, (xi, wi, yi) => sums[xi] += (double)gradient[yi] * weight[wi]);
        Store(sums, dx.Floats);
    }

    public void BackwardFilter(View x, View dy, View dw, View? dbias, Conv2dGeometry geometry)
    {
        float[] input = x.Floats.ToArray(), gradient = dy.Floats.ToArray();
        var sums = new double[dw.Elements];
        Walk(x.Shape, dw.Shape, dy.Shape, geometry, (xi, wi, yi) => sums[wi] += (double)input[xi] * gradient[yi]);
        Store(sums, dw.Floats);
        if (dbias is { } target)
        {
            var shifts = new double[target.Elements];
            var area = dy.Shape[2] * dy.Shape[3];
            for (var i = 0; i < gradient.Length; i++)
            {
                shifts[i / area % shifts.Length] += gradient[i];
            }

            Store(shifts, target.Floats);
        }
    }

    /// <summary>Visits every product of the convolution: which input meets which weight for which output.</summary>
    private static void Walk(Shape x, Shape w, Shape y, Conv2dGeometry g, Tap tap)
    {
        int channels = w[1], filtersPerGroup = w[0] / g.Groups;
        for (var image = 0; image < y[0]; image++)
        for (var filter = 0; filter < y[1]; filter++)
        for (var row = 0; row < y[2]; row++)
        for (var column = 0; column < y[3]; column++)
        for (var channel = 0; channel < channels; channel++)
        for (var r = 0; r < w[2]; r++)
        for (var s = 0; s < w[3]; s++)
        {
            var h = row * g.StrideH - g.PadH + r * g.DilationH;
            var v = column * g.StrideW - g.PadW + s * g.DilationW;
            if (h >= 0 && h < x[2] && v >= 0 && v < x[3])
            {
                var plane = image * x[1] + filter / filtersPerGroup * channels + channel;
                tap((plane * x[2] + h) * x[3] + v, ((filter * channels + channel) * w[2] + r) * w[3] + s, ((image * y[1] + filter) * y[2] + row) * y[3] + column);
            }
        }
    }

    private static void Store(double[] sums, Span<float> target)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            target[i] = (float)sums[i];
        }
    }
}
