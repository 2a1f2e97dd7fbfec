namespace TaaS.Kernels.Cuda;

/// <summary>Matrix products through cuBLASLt; what it cannot do, another implementation does.</summary>
/// <param name="library">cuBLASLt on the device.</param>
/// <param name="host">The device.</param>
/// <param name="otherwise">Does what the library cannot: summed length 0, strides of no matrix it knows.</param>
internal sealed class CudaMatrix(CublasLtMatrix library, ICudaHost host, IMatrixKernels otherwise) : IMatrixKernels
{
    // The library's f16 would overflow beyond 65504; tf32 has as many bits of fraction and the range of f32.
    private CublasComputeType Compute => host.Precision switch
    {
        MatrixPrecision.Float32 => CublasComputeType.Float32,
        MatrixPrecision.BFloat16 => CublasComputeType.FastBFloat16,
        _ => CublasComputeType.FastTf32,
    };

    public void Multiply(View a, View b, View c, float alpha = 1, float beta = 0)
    {
        if (c.Elements == 0)
        {
            return;
        }

        host.Bind();
        if (!library.Multiply(MatmulViews.Multiply(a, b, c, Compute), host.AddressOf(a), host.AddressOf(b), host.AddressOf(c), 0, alpha, beta, host.Stream))
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

        host.Bind();
        var problem = MatmulViews.Linear(x, w, y, Compute, MatmulProblem.EpilogueOf(bias is not null, activation));
        if (!library.Multiply(problem, host.AddressOf(x), host.AddressOf(w), host.AddressOf(y), bias is { } shift ? host.AddressOf(shift) : 0, 1, 0, host.Stream))
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
