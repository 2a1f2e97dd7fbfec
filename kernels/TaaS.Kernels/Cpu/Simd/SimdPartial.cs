using System.Numerics;
using System.Runtime.CompilerServices;

namespace TaaS.Kernels.Cpu;

/// <summary>Loads and stores of less than a whole vector, so that the last elements take the same arithmetic as all others.</summary>
internal static unsafe class SimdPartial
{
    /// <summary>The first <paramref name="count"/> elements at <paramref name="source"/>; the other lanes hold <paramref name="rest"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Load(float* source, int count, float rest = 0)
    {
        var lanes = new Vector<float>(rest);
        var target = (float*)&lanes;
        for (var i = 0; i < count; i++)
        {
            target[i] = source[i];
        }

        return lanes;
    }

    /// <summary>Writes the first <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector<float> lanes, float* target, int count)
    {
        var source = (float*)&lanes;
        for (var i = 0; i < count; i++)
        {
            target[i] = source[i];
        }
    }
}
