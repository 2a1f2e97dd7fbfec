namespace TaaS.Kernels;

/// <summary>Matrix products.</summary>
public interface IMatrixKernels
{
    /// <summary>
    /// c = alpha · op(a) · op(b) + beta · c for each batch element. beta = 0 overwrites c, NaN included.
    /// <b>Shapes</b>: op(a): [.., M, K], op(b): [.., K, N], c: [.., M, N]; rank 2, or rank 3 with a batch axis (stride 0 repeats a matrix).
    /// A transpose is a stride pattern: the last two axes of a and b may be strided either way, one of the two steps being 1;
    /// c has step 1 on its last axis. <b>Accumulator</b>: f32.
    /// </summary>
    void Multiply(View a, View b, View c, float alpha = 1, float beta = 0);

    /// <summary>y = act(x·wᵀ + bias): a whole fully connected layer. <b>Shapes</b>: x: [M, K], w: [N, K], bias: [N] or none, y: [M, N]; all contiguous.</summary>
    void Linear(View x, View w, View? bias, View y, FusedActivation activation);
}

/// <summary>Activation applied while the result is still in registers.</summary>
public enum FusedActivation
{
    /// <summary>None.</summary>
    None,

    /// <summary>max(x, 0).</summary>
    Relu,
}
