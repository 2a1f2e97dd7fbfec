namespace TaaS.Kernels.Reference;

internal sealed class ReferenceNormalization : INormalizationKernels
{
    public void BatchForward(View x, View gamma, View beta, View runningMean, View runningVariance, View y, View savedMean, View savedInverseStd, float momentum, float epsilon)
    {
        var group = Group.Channels(x.Shape);
        for (var c = 0; c < group.Count; c++)
        {
            var (mean, variance) = group.Moments(x, c);
            var inverse = 1 / Math.Sqrt(variance + epsilon);
            savedMean.Floats[c] = (float)mean;
            savedInverseStd.Floats[c] = (float)inverse;
            var unbiased = group.Length > 1 ? variance * group.Length / (group.Length - 1) : variance;
            runningMean.Floats[c] = (float)((1 - momentum) * runningMean.Floats[c] + momentum * mean);
            runningVariance.Floats[c] = (float)((1 - momentum) * runningVariance.Floats[c] + momentum * unbiased);
            for (var i = 0; i < group.Length; i++)
            {
                var at = group.At(c, i);
                y.Floats[at] = (float)((x.Floats[at] - mean) * inverse * gamma.Floats[c] + beta.Floats[c]);
            }
        }
    }

    public void BatchBackward(View x, View gamma, View savedMean, View savedInverseStd, View dy, View dx, View dgamma, View dbeta)
    {
        var group = Group.Channels(x.Shape);
        for (var c = 0; c < group.Count; c++)
        {
            double mean = savedMean.Floats[c], inverse = savedInverseStd.Floats[c], sum = 0, dot = 0;
            for (var i = 0; i < group.Length; i++)
            {
                var at = group.At(c, i);
                sum += dy.Floats[at];
                dot += dy.Floats[at] * (x.Floats[at] - mean) * inverse;
            }

            dbeta.Floats[c] = (float)sum;
            dgamma.Floats[c] = (float)dot;
            for (var i = 0; i < group.Length; i++)
            {
                var at = group.At(c, i);
                var normal = (x.Floats[at] - mean) * inverse;
                dx.Floats[at] = (float)(gamma.Floats[c] * inverse * (dy.Floats[at] - sum / group.Length - normal * dot / group.Length));
            }
        }
    }

    public void BatchInference(View x, View gamma, View beta, View mean, View variance, View y, float epsilon)
    {
        var group = Group.Channels(x.Shape);
        for (var c = 0; c < group.Count; c++)
        {
            var inverse = 1 / Math.Sqrt((double)variance.Floats[c] + epsilon);
            for (var i = 0; i < group.Length; i++)
            {
                var at = group.At(c, i);
                y.Floats[at] = (float)((x.Floats[at] - mean.Floats[c]) * inverse * gamma.Floats[c] + beta.Floats[c]);
            }
        }
    }

    public void LayerForward(View x, View gamma, View beta, View y, View savedMean, View savedInverseStd, float epsilon)
    {
        var group = Group.Rows(x.Shape);
        for (var row = 0; row < group.Count; row++)
        {
            var (mean, variance) = group.Moments(x, row);
            var inverse = 1 / Math.Sqrt(variance + epsilon);
            savedMean.Floats[row] = (float)mean;
            savedInverseStd.Floats[row] = (float)inverse;
            for (var i = 0; i < group.Length; i++)
            {
                var at = group.At(row, i);
                y.Floats[at] = (float)((x.Floats[at] - mean) * inverse * gamma.Floats[i] + beta.Floats[i]);
            }
        }
    }

    public void LayerBackward(View x, View gamma, View savedMean, View savedInverseStd, View dy, View dx, View dgamma, View dbeta)
    {
        var group = Group.Rows(x.Shape);
        var dgammas = new double[group.Length];
        var dbetas = new double[group.Length];
        for (var row = 0; row < group.Count; row++)
        {
            double mean = savedMean.Floats[row], inverse = savedInverseStd.Floats[row], sum = 0, dot = 0;
            for (var i = 0; i < group.Length; i++)
            {
                var at = group.At(row, i);
                var normal = (x.Floats[at] - mean) * inverse;
                dgammas[i] += dy.Floats[at] * normal;
                dbetas[i] += dy.Floats[at];
                sum += (double)dy.Floats[at] * gamma.Floats[i];
                dot += (double)dy.Floats[at] * gamma.Floats[i] * normal;
            }

            for (var i = 0; i < group.Length; i++)
            {
                var at = group.At(row, i);
                var normal = (x.Floats[at] - mean) * inverse;
                dx.Floats[at] = (float)(inverse * ((double)dy.Floats[at] * gamma.Floats[i] - sum / group.Length - normal * dot / group.Length));
            }
        }

        for (var i = 0; i < group.Length; i++)
        {
            dgamma.Floats[i] = (float)dgammas[i];
            dbeta.Floats[i] = (float)dbetas[i];
        }
    }

    /// <summary>Which elements share one mean: those of a channel, or those of a row.</summary>
    private readonly record struct Group(int Count, int Length, int Inner, bool ByRow)
    {
        public static Group Channels(Shape x) => new(x[1], x[0] * x[2] * x[3], x[2] * x[3], false);

        public static Group Rows(Shape x) => new(x[0], x[1], 1, true);

        public int At(int index, int element) => ByRow
            ? index * Length + element
            : (element / Inner * Count + index) * Inner + element % Inner;

        public (double Mean, double Variance) Moments(View x, int index)
        {
            double sum = 0, square = 0;
            for (var i = 0; i < Length; i++)
            {
                sum += x.Floats[At(index, i)];
            }

            var mean = sum / Length;
            for (var i = 0; i < Length; i++)
            {
                var difference = x.Floats[At(index, i)] - mean;
                square += difference * difference;
            }

            return (mean, square / Length);
        }
    }
}
