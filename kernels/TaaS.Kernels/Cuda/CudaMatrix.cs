namespace TaaS.Kernels.Cuda;

/// <summary>Matrix products through cuBLASLt; what it cannot do, another implementation does.</summary>
/// <remarks>The library's relu takes NaN for 0, where our own kernels keep it.</remarks>
/// <param name="library">cuBLASLt on the device.</param>
/// <param name="host">The device.</param>
/// <param name="otherwise">Does what the library cannot: summed length 0, strides of no matrix it knows.</param>
internal sealed class CudaMatrix(CublasLtMatrix library, ICudaHost host, IMatrixKernels otherwise) : IMatrixKernels
{
    private CublasComputeType Compute => host.Precision == MatrixPrecision.Float32 ? CublasComputeType.Float32 : CublasComputeType.FastTf32;

    public void Multiply(View a, View b, View c, float alpha = 1, float beta = 0)
    {
        if (c.Elements == 0)
        {
            return;
        }

        host.Bind();
        if (!Run(MatmulViews.Multiply(a, b, c, Compute), a, b, c, 0, alpha, beta))
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
        if (!Run(problem, x, w, y, bias is { } shift ? host.AddressOf(shift) : 0, 1, 0))
        {
            otherwise.Linear(x, w, bias, y, activation);
        }

        KeepAlive(x, w, y);
        GC.KeepAlive(bias?.Buffer);
    }

    private bool Run(in MatmulProblem problem, in View a, in View b, in View c, nint bias, float alpha, float beta)
    {
        nint first = host.AddressOf(a), second = host.AddressOf(b), result = host.AddressOf(c);
        if (ShortPrecision.MatrixTypeOf(host.Precision) is { } type && problem.IsRegular && ShortPrecision.CanCopy(first, second))
        {
            var copies = host.Narrow(a, problem.ExtentA, b, problem.ExtentB, room: 0);
            if (library.Multiply(problem with { Type = type, Compute = CublasComputeType.Float32 }, copies.First, copies.Second, result, bias, alpha, beta, host.Stream))
            {
                return true;
            }
        }

        return library.Multiply(problem, first, second, result, bias, alpha, beta, host.Stream);
    }

    private static void KeepAlive(in View first, in View second, in View third)
    {
        GC.KeepAlive(first.Buffer);
        GC.KeepAlive(second.Buffer);
        GC.KeepAlive(third.Buffer);
    }
}
