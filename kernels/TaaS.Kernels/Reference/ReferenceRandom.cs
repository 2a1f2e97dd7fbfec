namespace TaaS.Kernels.Reference;

internal sealed class ReferenceRandom : IRandomKernels
{
    public void Uniform(View y, float low, float high, ulong seed, ulong offset)
    {
        for (var i = 0; i < (int)y.Elements; i++)
        {
            y.Floats[i] = low + (high - low) * Philox.ToUnit(Philox.Word(seed, offset, i));
        }
    }

    public void Normal(View y, float mean, float deviation, ulong seed, ulong offset)
    {
        for (var i = 0; i < (int)y.Elements; i++)
        {
            // Words come in pairs: the even element takes the cosine, the odd one the sine.
            var pair = i & ~1;
            double u = 1 - Philox.ToUnit(Philox.Word(seed, offset, pair)), v = Philox.ToUnit(Philox.Word(seed, offset, pair + 1));
            var radius = Math.Sqrt(-2 * Math.Log(u));
            y.Floats[i] = (float)(mean + deviation * radius * (i == pair ? Math.Cos(2 * Math.PI * v) : Math.Sin(2 * Math.PI * v)));
        }
    }

    public void Dropout(View x, View y, float p, ulong seed, ulong offset)
    {
        var scale = 1 / (1 - p);
        for (var i = 0; i < (int)y.Elements; i++)
        {
            y.Floats[i] = Philox.ToUnit(Philox.Word(seed, offset, i)) >= p ? x.Floats[i] * scale : 0;
        }
    }
}
