namespace TaaS.Kernels;

/// <summary>How elements are folded into one.</summary>
public enum ReduceOp
{
    /// <summary>Sum; 0 over no elements.</summary>
    Sum,

    /// <summary>Arithmetic mean; NaN over no elements.</summary>
    Mean,

    /// <summary>Largest; NaN wins; −inf over no elements.</summary>
    Max,
}

/// <summary>Reductions over any set of axes.</summary>
public interface IReductionKernels
{
    /// <summary>y = op over the reduced axes of x. <b>Shapes</b>: y has x's rank with length 1 on each reduced axis (elsewhere x's length). x may be strided, y is contiguous. <b>Accumulator</b>: f32 by blocks (pairwise-like error growth).</summary>
    void Reduce(ReduceOp op, View x, View y);

    /// <summary>Position of the largest element along one axis, the first of equals, NaN counting as largest. <b>Shapes</b>: y is Int32 with length 1 on <paramref name="axis"/>.</summary>
    void ArgMax(View x, int axis, View y);
}
