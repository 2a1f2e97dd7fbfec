namespace TaaS.Kernels.Cuda;

/// <summary>Matrix products through cuBLASLt; what it cannot do, another implementation does.</summary>
/// <param name="library">cuBLASLt on the device.</param>
/// <param name="stream">The device's stream.</param>
/// <param name="addressOf">Where views lie.</param>
/// <param name="otherwise">Does what the library cannot: summed length 0, strides of no matrix it knows.</param>
/// <param name="allowTf32">Operands may be rounded to tf32.</param>
internal sealed class CudaMatrix(CublasLtMatrix library, CudaStream stream, ViewAddress addressOf, IMatrixKernels otherwise, bool allowTf32) : IMatrixKernels
{
    private readonly CublasComputeType _compute = allowTf32 ? CublasComputeType.FastTf32 : CublasComputeType.Float32;

    public void Multiply(View a, View b, View c, float alpha = 1, float beta = 0)
    {
        if (c.Elements == 0)
        {
            return;
        }

        if (!library.Multiply(MatmulViews.Multiply(a, b, c, _compute), addressOf(a), addressOf(b), addressOf(c), 0, alpha, beta, stream))
        {
            otherwise.Multiply(a, b, c, alpha, beta);
        }

        KeepAlive(a, b, c);
    }

    public void Linear(View x, View w, View? bias, View y, FusedActivation activation)
    {
        if (y.Elements == 0)
        {
            return;
        }

        var problem = MatmulViews.Linear(x, w, y, _compute, MatmulProblem.EpilogueOf(bias is not null, activation));
        if (!library.Multiply(problem, addressOf(x), addressOf(w), addressOf(y), bias is { } shift ? addressOf(shift) : 0, 1, 0, stream))
        {
            otherwise.Linear(x, w, bias, y, activation);
        }

        KeepAlive(x, w, y);
        GC.KeepAlive(bias?.Buffer);
    }

    private static void KeepAlive(in View first, in View second, in View third)
    {
        GC.KeepAlive(first.Buffer);
        GC.KeepAlive(second.Buffer);
        GC.KeepAlive(third.Buffer);
    }
}
