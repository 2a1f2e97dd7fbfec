namespace TaaS.Kernels.Cpu;

/// <summary>Reductions over any axes, vectorised along whichever axis is dense.</summary>
internal sealed class CpuReduction : IReductionKernels
{
    public void Reduce(ReduceOp op, View x, View y)
    {
        if (x.Elements == 0)
        {
            y.Floats.Fill(op switch { ReduceOp.Sum => 0, ReduceOp.Mean => float.NaN, _ => float.NegativeInfinity });
            return;
        }

        ReduceJob.Run(op, x, y);
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    public void ArgMax(View x, int axis, View y)
    {
        if (x.Elements == 0)
        {
            y.Ints.Clear();
            return;
        }

        ArgMaxJob.Run(x, x.Shape.NormalizeAxis(axis), y);
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(y.Buffer);
    }
}
