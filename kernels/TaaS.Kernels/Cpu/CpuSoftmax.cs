namespace TaaS.Kernels.Cpu;

/// <summary>Softmax and what goes with it: rows shared among the threads, each row vectorised.</summary>
internal sealed unsafe class CpuSoftmax : ISoftmaxKernels
{
    public void Softmax(View x, View y)
    {
        RowJob<SoftmaxRow>.Run(new SoftmaxRow(x.FloatPointer, y.FloatPointer), x.Shape);
        KeepAlive(x, y, y);
    }

    public void SoftmaxBackward(View y, View dy, View dx)
    {
        RowJob<SoftmaxGradientRow>.Run(new SoftmaxGradientRow(y.FloatPointer, dy.FloatPointer, dx.FloatPointer), y.Shape);
        KeepAlive(y, dy, dx);
    }

    public void LogSoftmax(View x, View y)
    {
        RowJob<LogSoftmaxRow>.Run(new LogSoftmaxRow(x.FloatPointer, y.FloatPointer), x.Shape);
        KeepAlive(x, y, y);
    }

    public void LogSoftmaxBackward(View y, View dy, View dx)
    {
        RowJob<LogSoftmaxGradientRow>.Run(new LogSoftmaxGradientRow(y.FloatPointer, dy.FloatPointer, dx.FloatPointer), y.Shape);
        KeepAlive(y, dy, dx);
    }

    public void CrossEntropy(View logits, View labels, View loss, View dlogits)
    {
        var rows = logits.Shape[0];
        var losses = Scratch.Doubles(ScratchSlot.Sums, rows);
        RowJob<CrossEntropyRow>.Run(new CrossEntropyRow(logits.FloatPointer, labels.IntPointer, losses, dlogits.FloatPointer, rows), logits.Shape);
        double total = 0;
        for (var row = 0; row < rows; row++)
        {
            total += losses[row];
        }

        *loss.FloatPointer = (float)(total / rows);
        KeepAlive(logits, labels, dlogits);
        GC.KeepAlive(loss.Buffer);
    }

    private static void KeepAlive(in View first, in View second, in View third)
    {
        GC.KeepAlive(first.Buffer);
        GC.KeepAlive(second.Buffer);
        GC.KeepAlive(third.Buffer);
    }
}
