namespace TaaS.Kernels.Cpu;

/// <summary>Batch and layer normalisation: channels or rows shared among the threads, each vectorised.</summary>
internal sealed unsafe class CpuNormalization : INormalizationKernels
{
    public void BatchForward(View x, View gamma, View beta, View runningMean, View runningVariance, View y, View savedMean, View savedInverseStd, float momentum, float epsilon)
    {
        var channels = new BatchForwardChannel(
            new ChannelPlanes(x.Shape),
            x.FloatPointer,
            gamma.FloatPointer,
            beta.FloatPointer,
            runningMean.FloatPointer,
            runningVariance.FloatPointer,
            y.FloatPointer,
            savedMean.FloatPointer,
            savedInverseStd.FloatPointer,
            momentum,
            epsilon);
        RowJob<BatchForwardChannel>.Run(channels, x.Shape[1], ElementsOfChannel(x.Shape));
        KeepAlive(x, gamma, beta, y);
        KeepAlive(runningMean, runningVariance, savedMean, savedInverseStd);
    }

    public void BatchBackward(View x, View gamma, View savedMean, View savedInverseStd, View dy, View dx, View dgamma, View dbeta)
    {
        var channels = new BatchBackwardChannel(
            new ChannelPlanes(x.Shape),
            x.FloatPointer,
            gamma.FloatPointer,
            savedMean.FloatPointer,
            savedInverseStd.FloatPointer,
            dy.FloatPointer,
            dx.FloatPointer,
            dgamma.FloatPointer,
            dbeta.FloatPointer);
        RowJob<BatchBackwardChannel>.Run(channels, x.Shape[1], ElementsOfChannel(x.Shape));
        KeepAlive(x, gamma, savedMean, savedInverseStd);
        KeepAlive(dy, dx, dgamma, dbeta);
    }

    public void BatchInference(View x, View gamma, View beta, View mean, View variance, View y, float epsilon)
    {
        var channels = new BatchInferenceChannel(
            new ChannelPlanes(x.Shape),
            x.FloatPointer,
            gamma.FloatPointer,
            beta.FloatPointer,
            mean.FloatPointer,
            variance.FloatPointer,
            y.FloatPointer,
            epsilon);
        RowJob<BatchInferenceChannel>.Run(channels, x.Shape[1], ElementsOfChannel(x.Shape));
        KeepAlive(x, gamma, beta, y);
        KeepAlive(mean, variance, mean, variance);
    }

    public void LayerForward(View x, View gamma, View beta, View y, View savedMean, View savedInverseStd, float epsilon)
    {
        var rows = new LayerForwardRow(
            x.FloatPointer,
            gamma.FloatPointer,
            beta.FloatPointer,
            y.FloatPointer,
            savedMean.FloatPointer,
            savedInverseStd.FloatPointer,
            epsilon);
        RowJob<LayerForwardRow>.Run(rows, x.Shape);
        KeepAlive(x, gamma, beta, y);
        KeepAlive(savedMean, savedInverseStd, savedMean, savedInverseStd);
    }

    public void LayerBackward(View x, View gamma, View savedMean, View savedInverseStd, View dy, View dx, View dgamma, View dbeta)
    {
        var rows = new LayerBackwardRow(
            x.FloatPointer,
            gamma.FloatPointer,
            savedMean.FloatPointer,
            savedInverseStd.FloatPointer,
            dy.FloatPointer,
            dx.FloatPointer);
        RowJob<LayerBackwardRow>.Run(rows, x.Shape);
        int count = x.Shape[0], length = x.Shape[1];
        var columns = new LayerParameterColumns(
            x.FloatPointer,
            savedMean.FloatPointer,
            savedInverseStd.FloatPointer,
            dy.FloatPointer,
            dgamma.FloatPointer,
            dbeta.FloatPointer,
            count,
            length);
        RowJob<LayerParameterColumns>.Run(columns, columns.Tiles, (int)Math.Min((long)count * LayerParameterColumns.Tile, int.MaxValue));
        KeepAlive(x, gamma, savedMean, savedInverseStd);
        KeepAlive(dy, dx, dgamma, dbeta);
    }

    private static int ElementsOfChannel(in Shape x) => (int)Math.Min((long)x[0] * x[2] * x[3], int.MaxValue);

    private static void KeepAlive(in View first, in View second, in View third, in View fourth)
    {
        GC.KeepAlive(first.Buffer);
        GC.KeepAlive(second.Buffer);
        GC.KeepAlive(third.Buffer);
        GC.KeepAlive(fourth.Buffer);
    }
}
