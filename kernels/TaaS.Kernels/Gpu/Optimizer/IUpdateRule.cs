namespace TaaS.Kernels.Gpu;

/// <summary>One optimizer's arithmetic with the numbers of a step. A kernel argument: plain fields only.</summary>
internal interface IUpdateRule
{
    /// <summary>State arrays it keeps beside the parameter: 0 to 2.</summary>
    static abstract int Slots { get; }

    /// <summary>A weight and its state after the step, from what they were and the gradient.</summary>
    UpdatedWeight Apply(float w, float g, float first, float second);
}

/// <summary>A weight and its state; what a rule does not keep is passed through.</summary>
internal struct UpdatedWeight(float w, float first, float second)
{
    internal float W = w;
    internal float First = first;
    internal float Second = second;
}
