namespace TaaS.Kernels.Cpu;

/// <summary>2-D pooling: planes shared among the threads, 2×2 windows vectorised.</summary>
internal sealed unsafe class CpuPooling : IPoolingKernels
{
    public void MaxForward(View x, View y, View indices, Pool2dGeometry geometry)
    {
        MaxPoolForwardJob.Run(new PoolPlanes(x.Shape, y.Shape, geometry), x.FloatPointer, null, y.FloatPointer, indices.IntPointer);
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(y.Buffer);
        GC.KeepAlive(indices.Buffer);
    }

    public void MaxBackward(View dy, View indices, View dx, Pool2dGeometry geometry)
    {
        MaxPoolBackwardJob.Run(new PoolPlanes(dx.Shape, dy.Shape, geometry), dy.FloatPointer, indices.IntPointer, dx.FloatPointer, null);
        GC.KeepAlive(dy.Buffer);
        GC.KeepAlive(indices.Buffer);
        GC.KeepAlive(dx.Buffer);
    }

    public void AverageForward(View x, View y, Pool2dGeometry geometry, bool countPadding)
    {
        AveragePoolForwardJob.Run(new PoolPlanes(x.Shape, y.Shape, geometry), x.FloatPointer, y.FloatPointer, countPadding);
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    public void AverageBackward(View dy, View dx, Pool2dGeometry geometry, bool countPadding)
    {
        AveragePoolBackwardJob.Run(new PoolPlanes(dx.Shape, dy.Shape, geometry), dy.FloatPointer, dx.FloatPointer, countPadding);
        GC.KeepAlive(dy.Buffer);
        GC.KeepAlive(dx.Buffer);
    }

    public void BiasReluMaxForward(View x, View bias, View y, View indices, Pool2dGeometry geometry)
    {
        MaxPoolForwardJob.Run(new PoolPlanes(x.Shape, y.Shape, geometry), x.FloatPointer, bias.FloatPointer, y.FloatPointer, indices.IntPointer);
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(bias.Buffer);
        GC.KeepAlive(y.Buffer);
        GC.KeepAlive(indices.Buffer);
    }

    public void BiasReluMaxBackward(View dy, View indices, View dx, View dbias, Pool2dGeometry geometry)
    {
        MaxPoolBackwardJob.Run(new PoolPlanes(dx.Shape, dy.Shape, geometry), dy.FloatPointer, indices.IntPointer, dx.FloatPointer, dbias.FloatPointer);
        GC.KeepAlive(dy.Buffer);
        GC.KeepAlive(indices.Buffer);
        GC.KeepAlive(dx.Buffer);
        GC.KeepAlive(dbias.Buffer);
    }
}
