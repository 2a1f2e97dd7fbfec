namespace TaaS.Kernels.Gpu;

/// <summary>Softmax and what goes with it: a row is read once and written once if a group's registers hold it (<see cref="SoftmaxKernels"/>).</summary>
internal sealed class GpuSoftmax(GpuDevice device) : ISoftmaxKernels
{
    private readonly SoftmaxLaunch<SoftmaxOutput> _softmax = new(device);
    private readonly SoftmaxLaunch<LogSoftmaxOutput> _logSoftmax = new(device);
    private readonly SoftmaxLaunch<CrossEntropyOutput> _crossEntropy = new(device);
    private readonly SoftmaxGradientLaunch<SoftmaxGradient> _softmaxGradient = new(device);
    private readonly SoftmaxGradientLaunch<LogSoftmaxGradient> _logSoftmaxGradient = new(device);
    private readonly ReduceLaunch<SumFold> _sum = new(device);

    // The device's own scratch takes the sums of parts of it.
    private readonly GpuScratch _losses = new(device);

    public void Softmax(View x, View y) => Forward(_softmax, x, y);

    public void SoftmaxBackward(View y, View dy, View dx) => Backward(_softmaxGradient, y, dy, dx);

    public void LogSoftmax(View x, View y) => Forward(_logSoftmax, x, y);

    public void LogSoftmaxBackward(View y, View dy, View dx) => Backward(_logSoftmaxGradient, y, dy, dx);

    public void CrossEntropy(View logits, View labels, View loss, View dlogits)
    {
        if (logits.Elements == 0)
        {
            device.Elementwise.Fill(loss, float.NaN);
            return;
        }

        var rows = logits.Shape[0];
        var losses = _losses.Floats(rows);
        _crossEntropy.Run(logits, dlogits, ((GpuBuffer)labels.Buffer).Ints.SubView(labels.Offset), losses);
        _sum.Run(losses, rows, GpuBuffer.FloatsOf(loss), rows);
        GC.KeepAlive(logits.Buffer);
        GC.KeepAlive(labels.Buffer);
        GC.KeepAlive(loss.Buffer);
        GC.KeepAlive(dlogits.Buffer);
    }

    private static void Forward<TOutput>(SoftmaxLaunch<TOutput> launch, in View x, in View y)
        where TOutput : struct, ISoftmaxOutput
    {
        if (x.Elements > 0)
        {
            // No labels are read and no losses written.
            launch.Run(x, y, ((GpuBuffer)x.Buffer).Bits, GpuBuffer.FloatsOf(y));
            GC.KeepAlive(x.Buffer);
            GC.KeepAlive(y.Buffer);
        }
    }

    private static void Backward<TGradient>(SoftmaxGradientLaunch<TGradient> launch, in View y, in View dy, in View dx)
        where TGradient : struct, ISoftmaxGradient
    {
        if (y.Elements > 0)
        {
            launch.Run(y, dy, dx);
            GC.KeepAlive(y.Buffer);
            GC.KeepAlive(dy.Buffer);
            GC.KeepAlive(dx.Buffer);
        }
    }
}
