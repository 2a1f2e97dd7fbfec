namespace TaaS.Kernels.Cpu;

/// <summary>Philox draws, eight blocks at a time; the same bits as the reference, however the work is cut.</summary>
internal sealed unsafe class CpuRandom : IRandomKernels
{
    public void Uniform(View y, float low, float high, ulong seed, ulong offset)
    {
        DrawJob<UniformDraw>.Run(new UniformDraw(low, high), null, y.FloatPointer, y.Elements, seed, offset);
        GC.KeepAlive(y.Buffer);
    }

    public void Normal(View y, float mean, float deviation, ulong seed, ulong offset)
    {
        DrawJob<NormalDraw>.Run(new NormalDraw(mean, deviation), null, y.FloatPointer, y.Elements, seed, offset);
        GC.KeepAlive(y.Buffer);
    }

    public void Dropout(View x, View y, float p, ulong seed, ulong offset)
    {
        DrawJob<DropoutDraw>.Run(new DropoutDraw(p), x.FloatPointer, y.FloatPointer, y.Elements, seed, offset);
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(y.Buffer);
    }
}
