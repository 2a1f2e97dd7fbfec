namespace TaaS.Kernels.Gpu;

/// <summary>The largest value met so far and where: the first of equals; NaN beats all.</summary>
internal struct Largest(float value, int at)
{
    internal float Value = value;
    internal int At = at;

    /// <summary>This, or the next value where that is larger.</summary>
    internal readonly Largest Or(float next, int nextAt) =>
        next > Value || (float.IsNaN(next) && !float.IsNaN(Value)) ? new Largest(next, nextAt) : this;

    /// <summary>After relu. NaN passes on and, like 0, sends no gradient back.</summary>
    internal readonly Largest Relu() => Value > 0f ? this : new Largest(float.IsNaN(Value) ? Value : 0f, -1);
}
