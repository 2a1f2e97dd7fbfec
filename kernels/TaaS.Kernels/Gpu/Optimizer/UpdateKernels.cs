using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>Optimizer steps in place: four elements an access, the rest one by one.</summary>
internal static class UpdateKernels
{
    /// <summary>One parameter: threads stride over its elements by the whole grid. Of slots that the rule does not keep any view will do.</summary>
    internal static void One<TRule>(ArrayView<float> w, ArrayView<float> g, ArrayView<float> first, ArrayView<float> second, TRule rule, int length, int words)
        where TRule : unmanaged, IUpdateRule
    {
        var (start, step) = (Grid.GlobalIndex.X, Grid.DimX * Group.DimX);
        var (w4, g4, first4, second4) = (w.Cast<Float4>(), g.Cast<Float4>(), first.Cast<Float4>(), second.Cast<Float4>());
        for (var i = start; i < words; i += step)
        {
            Word(w4, i, g4, i, first4, i, second4, i, rule);
        }

        for (var i = words * Float4.Count + start; i < length; i += step)
        {
            Element(w, i, g, i, first, i, second, i, rule);
        }
    }

    /// <summary>
    /// A whole model: a group a chunk of the table. A kernel cannot read pointers from memory, but the index of a view may lead as far as it likes:
    /// one view reaches every operand, each at its place in the chunk.
    /// </summary>
    internal static void Many<TRule>(ArrayView<float> memory, ArrayView<UpdateChunk> chunks, TRule rule)
        where TRule : unmanaged, IUpdateRule
    {
        var chunk = chunks[Grid.IdxX];
        var memory4 = memory.Cast<Float4>();
        for (var i = Group.IdxX; i < chunk.Words; i += Group.DimX)
        {
            Word(
                memory4,
                chunk.Parameter / Float4.Count + i,
                memory4,
                chunk.Gradient / Float4.Count + i,
                memory4,
                chunk.First / Float4.Count + i,
                memory4,
                chunk.Second / Float4.Count + i,
                rule);
        }

        for (var i = chunk.Words * Float4.Count + Group.IdxX; i < chunk.Length; i += Group.DimX)
        {
            Element(memory, chunk.Parameter + i, memory, chunk.Gradient + i, memory, chunk.First + i, memory, chunk.Second + i, rule);
        }
    }

    private static void Word<TRule>(ArrayView<Float4> w, long atW, ArrayView<Float4> g, long atG, ArrayView<Float4> first, long atFirst, ArrayView<Float4> second, long atSecond, TRule rule)
        where TRule : unmanaged, IUpdateRule
    {
        Float4 weight = w[atW], gradient = g[atG];
        var (one, two) = (TRule.Slots > 0 ? first[atFirst] : default, TRule.Slots > 1 ? second[atSecond] : default);
        var x = rule.Apply(weight.X, gradient.X, one.X, two.X);
        var y = rule.Apply(weight.Y, gradient.Y, one.Y, two.Y);
        var z = rule.Apply(weight.Z, gradient.Z, one.Z, two.Z);
        var last = rule.Apply(weight.W, gradient.W, one.W, two.W);
        w[atW] = new Float4(x.W, y.W, z.W, last.W);
        if (TRule.Slots > 0)
        {
            first[atFirst] = new Float4(x.First, y.First, z.First, last.First);
        }

        if (TRule.Slots > 1)
        {
            second[atSecond] = new Float4(x.Second, y.Second, z.Second, last.Second);
        }
    }

    private static void Element<TRule>(ArrayView<float> w, long atW, ArrayView<float> g, long atG, ArrayView<float> first, long atFirst, ArrayView<float> second, long atSecond, TRule rule)
        where TRule : unmanaged, IUpdateRule
    {
        var updated = rule.Apply(w[atW], g[atG], TRule.Slots > 0 ? first[atFirst] : 0f, TRule.Slots > 1 ? second[atSecond] : 0f);
        w[atW] = updated.W;
        if (TRule.Slots > 0)
        {
            first[atFirst] = updated.First;
        }

        if (TRule.Slots > 1)
        {
            second[atSecond] = updated.Second;
        }
    }
}
