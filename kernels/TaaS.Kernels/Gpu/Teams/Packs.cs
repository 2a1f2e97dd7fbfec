using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>A stretch of elements that a team walks, four to a thread at a time: a pack.</summary>
internal readonly struct PackSpan(int origin, int first, int end, int lane, int lanes)
{
    /// <summary>Where in memory element 0 lies.</summary>
    internal readonly int Origin = origin;

    internal readonly int First = first;
    internal readonly int End = end;
    internal readonly int Lane = lane;
    internal readonly int Lanes = lanes;

    /// <summary>The stretch from first to end for the calling thread.</summary>
    internal static PackSpan Of<TTeam>(int origin, int first, int end)
        where TTeam : struct, ITeam => new(origin, first, end, TTeam.Lane, TTeam.Lanes);

    /// <summary>Whether any thread's pack of that number begins before the end; the same for all threads of the team.</summary>
    internal bool Has(int pack) => (uint)(First + pack * Float4.Count * Lanes) < (uint)End;

    /// <summary>Elements that the calling thread walks, if it takes so many neighbours at a time.</summary>
    internal int Count(int width)
    {
        var units = (End - First) / width;
        return Lane < units ? (units - Lane + Lanes - 1) / Lanes * width : 0;
    }

    /// <summary>True before the end; unsigned, since the last pack of a very long stretch passes what an int holds.</summary>
    internal bool Holds(int element) => (uint)element < (uint)End;
}

/// <summary>How packs are read from memory.</summary>
internal interface IPackSource
{
    /// <summary>Neighbouring elements that a thread takes together.</summary>
    static abstract int Width { get; }

    /// <summary>Number of the element in a slot (0 to 3) of the calling thread's pack.</summary>
    static abstract int Element(PackSpan span, int pack, int slot);

    /// <summary>A pack; slots beyond the end hold the given number.</summary>
    static abstract Float4 Load(ArrayView<float> x, AxisWalk walk, PackSpan span, int pack, float beyond);
}

/// <summary>How packs are read and written.</summary>
internal interface IPackAccess : IPackSource
{
    /// <summary>Overwrites what of a pack lies before the end.</summary>
    static abstract void Store(ArrayView<float> y, AxisWalk walk, PackSpan span, int pack, Float4 value);
}

/// <summary>Packs of neighbours, moved by 16-byte accesses. The walk's runs are whole packs, and every one starts at a multiple of 16 bytes.</summary>
internal readonly struct QuadAccess : IPackAccess
{
    public static int Width => Float4.Count;

    public static int Element(PackSpan span, int pack, int slot) => span.First + (pack * span.Lanes + span.Lane) * Float4.Count + slot;

    public static Float4 Load(ArrayView<float> x, AxisWalk walk, PackSpan span, int pack, float beyond)
    {
        var element = Element(span, pack, 0);
        return span.Holds(element) ? x.Cast<Float4>()[(span.Origin + walk.Offset(element)) / Float4.Count] : new Float4(beyond, beyond, beyond, beyond);
    }

    public static void Store(ArrayView<float> y, AxisWalk walk, PackSpan span, int pack, Float4 value)
    {
        var element = Element(span, pack, 0);
        if (span.Holds(element))
        {
            y.Cast<Float4>()[(span.Origin + walk.Offset(element)) / Float4.Count] = value;
        }
    }
}

/// <summary>As <see cref="QuadAccess"/>, but the end may cut a pack that is read.</summary>
internal readonly struct CutQuadSource : IPackSource
{
    public static int Width => Float4.Count;

    public static int Element(PackSpan span, int pack, int slot) => QuadAccess.Element(span, pack, slot);

    public static Float4 Load(ArrayView<float> x, AxisWalk walk, PackSpan span, int pack, float beyond)
    {
        var element = Element(span, pack, 0);
        var at = span.Origin + walk.Offset(element);
        if (span.Holds(element + Float4.Count - 1))
        {
            return x.Cast<Float4>()[at / Float4.Count];
        }

        return new Float4(
            span.Holds(element) ? x[at] : beyond,
            span.Holds(element + 1) ? x[at + 1] : beyond,
            span.Holds(element + 2) ? x[at + 2] : beyond,
            beyond);
    }
}

/// <summary>Packs of elements as many apart as there are threads, so that neighbours access neighbours; for any walk.</summary>
internal readonly struct SingleAccess : IPackAccess
{
    public static int Width => 1;

    public static int Element(PackSpan span, int pack, int slot) => span.First + (pack * Float4.Count + slot) * span.Lanes + span.Lane;

    public static Float4 Load(ArrayView<float> x, AxisWalk walk, PackSpan span, int pack, float beyond) => new(
        LoadOne(x, walk, span, Element(span, pack, 0), beyond),
        LoadOne(x, walk, span, Element(span, pack, 1), beyond),
        LoadOne(x, walk, span, Element(span, pack, 2), beyond),
        LoadOne(x, walk, span, Element(span, pack, 3), beyond));

    public static void Store(ArrayView<float> y, AxisWalk walk, PackSpan span, int pack, Float4 value)
    {
        StoreOne(y, walk, span, Element(span, pack, 0), value.X);
        StoreOne(y, walk, span, Element(span, pack, 1), value.Y);
        StoreOne(y, walk, span, Element(span, pack, 2), value.Z);
        StoreOne(y, walk, span, Element(span, pack, 3), value.W);
    }

    private static float LoadOne(ArrayView<float> x, AxisWalk walk, PackSpan span, int element, float beyond) =>
        span.Holds(element) ? x[span.Origin + walk.Offset(element)] : beyond;

    private static void StoreOne(ArrayView<float> y, AxisWalk walk, PackSpan span, int element, float value)
    {
        if (span.Holds(element))
        {
            y[span.Origin + walk.Offset(element)] = value;
        }
    }
}
