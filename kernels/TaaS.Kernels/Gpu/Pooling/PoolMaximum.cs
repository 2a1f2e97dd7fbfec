namespace TaaS.Kernels.Gpu;

/// <summary>The largest value met so far and where: the first of equals; NaN beats all.</summary>
internal struct PoolMaximum(float value, int at)
{
    internal float Value = value;
    internal int At = at;

    /// <summary>This, or the next value where that is larger. Written for selections in place of branches.</summary>
    internal readonly PoolMaximum Or(float next, int nextAt)
    {
        var replaces = !(next <= Value) & !float.IsNaN(Value);
        return new PoolMaximum(replaces ? next : Value, replaces ? nextAt : At);
    }

    /// <summary>After relu. NaN passes on and, like 0, sends no gradient back.</summary>
    internal readonly PoolMaximum Relu() => new(Value <= 0f ? 0f : Value, Value > 0f ? At : -1);
}
