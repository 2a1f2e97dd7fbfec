namespace TaaS.Kernels.Cpu;

/// <summary>The planes of images [N, C, H, W] by channel.</summary>
internal readonly struct ChannelPlanes(Shape x)
{
    private readonly int _channels = x[1];

    /// <summary>Number of images.</summary>
    public int Images { get; } = x[0];

    /// <summary>Elements of a plane.</summary>
    public int Area { get; } = x[2] * x[3];

    /// <summary>Elements of a channel over all images.</summary>
    public long Length => (long)Images * Area;

    /// <summary>First element of a channel's plane.</summary>
    public long Start(int image, long channel) => ((long)image * _channels + channel) * Area;
}

/// <summary>Training's forward pass of one channel.</summary>
internal readonly unsafe struct BatchForwardChannel(
    ChannelPlanes planes,
    float* x,
    float* gamma,
    float* beta,
    float* runningMean,
    float* runningVariance,
    float* y,
    float* savedMean,
    float* savedInverseStd,
    float momentum,
    float epsilon) : IRowOperator
{
    public void Apply(long row, int length)
    {
        double difference = 0, square = 0;
        var center = planes.Length > 0 ? x[planes.Start(0, row)] : 0;
        for (var image = 0; image < planes.Images; image++)
        {
            difference += SimdSum.OfDifferences(x + planes.Start(image, row), center, planes.Area);
        }

        var mean = Moments.Mean(difference, center, planes.Length);
        for (var image = 0; image < planes.Images; image++)
        {
            square += SimdSum.OfSquares(x + planes.Start(image, row), (float)mean, planes.Area);
        }

        var variance = Moments.Variance(square, mean, planes.Length);
        var inverse = 1 / Math.Sqrt(variance + epsilon);
        savedMean[row] = (float)mean;
        savedInverseStd[row] = (float)inverse;
        var unbiased = planes.Length > 1 ? variance * planes.Length / (planes.Length - 1) : variance;
        runningMean[row] = (float)((1 - momentum) * runningMean[row] + momentum * mean);
        runningVariance[row] = (float)((1 - momentum) * runningVariance[row] + momentum * unbiased);
        for (var image = 0; image < planes.Images; image++)
        {
            var at = planes.Start(image, row);
            Affine.Run(x + at, y + at, planes.Area, (float)mean, (float)(inverse * gamma[row]), beta[row]);
        }
    }
}

/// <summary>Training's backward pass of one channel.</summary>
internal readonly unsafe struct BatchBackwardChannel(
    ChannelPlanes planes,
    float* x,
    float* gamma,
    float* savedMean,
    float* savedInverseStd,
    float* dy,
    float* dx,
    float* dgamma,
    float* dbeta) : IRowOperator
{
    public void Apply(long row, int length)
    {
        double sum = 0, dot = 0, inverse = savedInverseStd[row];
        var mean = savedMean[row];
        for (var image = 0; image < planes.Images; image++)
        {
            var at = planes.Start(image, row);
            sum += SimdSum.Of(dy + at, planes.Area);
            dot += SimdSum.OfCenteredProducts(dy + at, x + at, mean, planes.Area);
        }

        dot *= inverse;
        dbeta[row] = (float)sum;
        dgamma[row] = (float)dot;
        var scale = gamma[row] * inverse;
        for (var image = 0; image < planes.Images; image++)
        {
            var at = planes.Start(image, row);
            Affine.Run(dy + at, x + at, dx + at, planes.Area, (float)scale, mean, (float)(-scale * inverse * dot / planes.Length), (float)(-scale * sum / planes.Length));
        }
    }
}

/// <summary>Inference of one channel.</summary>
internal readonly unsafe struct BatchInferenceChannel(ChannelPlanes planes, float* x, float* gamma, float* beta, float* mean, float* variance, float* y, float epsilon) : IRowOperator
{
    public void Apply(long row, int length)
    {
        var scale = (float)(gamma[row] / Math.Sqrt((double)variance[row] + epsilon));
        for (var image = 0; image < planes.Images; image++)
        {
            var at = planes.Start(image, row);
            Affine.Run(x + at, y + at, planes.Area, mean[row], scale, beta[row]);
        }
    }
}
