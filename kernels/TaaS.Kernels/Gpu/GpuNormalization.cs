namespace TaaS.Kernels.Gpu;

/// <summary>Batch and layer normalisation: channels by groups in two launches (<see cref="BatchKernels"/>), rows by teams in one (<see cref="LayerKernels"/>).</summary>
internal sealed class GpuNormalization : INormalizationKernels
{
    private readonly GpuDevice _device;
    private readonly BatchLaunch<QuadAccess> _quads;
    private readonly BatchLaunch<SingleAccess> _singles;
    private readonly LayerLaunch _layer;

    internal GpuNormalization(GpuDevice device)
    {
        _device = device;
        _quads = new BatchLaunch<QuadAccess>(device);
        _singles = new BatchLaunch<SingleAccess>(device);
        _layer = new LayerLaunch(device);
    }

    public void BatchForward(View x, View gamma, View beta, View runningMean, View runningVariance, View y, View savedMean, View savedInverseStd, float momentum, float epsilon)
    {
        if (x.Elements == 0)
        {
            Fill(float.NaN, runningMean, runningVariance, savedMean, savedInverseStd);
            return;
        }

        var layout = ChannelLayout.Of(_device, x.Shape);
        var statistics = new BatchStatistics
        {
            RunningMean = GpuBuffer.FloatsOf(runningMean),
            RunningVariance = GpuBuffer.FloatsOf(runningVariance),
            SavedMean = GpuBuffer.FloatsOf(savedMean),
            SavedInverseStd = GpuBuffer.FloatsOf(savedInverseStd),
            Momentum = momentum,
            Epsilon = epsilon,
        };
        if (RowAlignment.HasWholePacks(layout.Area, x, y))
        {
            _quads.Forward(layout, x, gamma, beta, y, statistics);
        }
        else
        {
            _singles.Forward(layout, x, gamma, beta, y, statistics);
        }

        KeepAlive(x, gamma, beta, runningMean, runningVariance, y, savedMean, savedInverseStd);
    }

    public void BatchBackward(View x, View gamma, View savedMean, View savedInverseStd, View dy, View dx, View dgamma, View dbeta)
    {
        if (x.Elements == 0)
        {
            Fill(0, dgamma, dbeta);
            return;
        }

        var layout = ChannelLayout.Of(_device, x.Shape);
        var gradients = new BatchGradients
        {
            Gamma = GpuBuffer.FloatsOf(gamma),
            SavedMean = GpuBuffer.FloatsOf(savedMean),
            SavedInverseStd = GpuBuffer.FloatsOf(savedInverseStd),
            Dgamma = GpuBuffer.FloatsOf(dgamma),
            Dbeta = GpuBuffer.FloatsOf(dbeta),
        };
        if (RowAlignment.HasWholePacks(layout.Area, x, dy, dx))
        {
            _quads.Backward(layout, x, dy, dx, gradients);
        }
        else
        {
            _singles.Backward(layout, x, dy, dx, gradients);
        }

        KeepAlive(x, gamma, savedMean, savedInverseStd, dy, dx, dgamma, dbeta);
    }

    public void BatchInference(View x, View gamma, View beta, View mean, View variance, View y, float epsilon)
    {
        if (x.Elements == 0)
        {
            return;
        }

        var layout = ChannelLayout.Of(_device, x.Shape);
        if (RowAlignment.HasWholePacks(layout.Area, x, y))
        {
            _quads.Inference(layout, x, gamma, beta, mean, variance, y, epsilon);
        }
        else
        {
            _singles.Inference(layout, x, gamma, beta, mean, variance, y, epsilon);
        }

        KeepAlive(x, gamma, beta, mean, variance, y);
    }

    public void LayerForward(View x, View gamma, View beta, View y, View savedMean, View savedInverseStd, float epsilon)
    {
        if (x.Elements == 0)
        {
            Fill(float.NaN, savedMean, savedInverseStd);
            return;
        }

        _layer.Forward(x, gamma, beta, y, savedMean, savedInverseStd, epsilon);
        KeepAlive(x, gamma, beta, y, savedMean, savedInverseStd);
    }

    public void LayerBackward(View x, View gamma, View savedMean, View savedInverseStd, View dy, View dx, View dgamma, View dbeta)
    {
        if (x.Elements == 0)
        {
            Fill(0, dgamma, dbeta);
            return;
        }

        // The parameters' gradients first: dx may take dy's place.
        _layer.BackwardParameters(x, savedMean, savedInverseStd, dy, dgamma, dbeta);
        _layer.Backward(x, gamma, savedMean, savedInverseStd, dy, dx);
        KeepAlive(x, gamma, savedMean, savedInverseStd, dy, dx, dgamma, dbeta);
    }

    private static void KeepAlive(params ReadOnlySpan<View> views)
    {
        foreach (var view in views)
        {
            GC.KeepAlive(view.Buffer);
        }
    }

    private void Fill(float value, params ReadOnlySpan<View> views)
    {
        foreach (var view in views)
        {
            _device.Elementwise.Fill(view, value);
        }
    }
}
