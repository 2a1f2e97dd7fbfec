namespace TaaS.Kernels.Gpu;

/// <summary>Which variant of a kernel of rows fits its operands.</summary>
internal static class RowAlignment
{
    /// <summary>Whether every row of contiguous operands is whole packs at 16-byte addresses.</summary>
    internal static bool HasWholePacks(int length, params ReadOnlySpan<View> operands)
    {
        var whole = length % Float4.Count == 0;
        foreach (var operand in operands)
        {
            whole &= operand.Offset % Float4.Count == 0;
        }

        return whole;
    }

    /// <summary>A number from 0 to 3 for team and access.</summary>
    internal static int Variant(TeamPlan plan, bool quads) => (plan.ByWarp ? 2 : 0) + (quads ? 1 : 0);
}
