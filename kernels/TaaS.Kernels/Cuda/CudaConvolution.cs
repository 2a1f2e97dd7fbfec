namespace TaaS.Kernels.Cuda;

/// <summary>2-D convolution through cuDNN; what it cannot do, another implementation does.</summary>
/// <remarks>With 16-bit precision the library's result has 16 bits too: it is widened before bias and activation, which stay in single precision.</remarks>
/// <param name="library">cuDNN on the device.</param>
/// <param name="host">The device.</param>
/// <param name="otherwise">Does what the library cannot: empty tensors, and cases none of its algorithms takes.</param>
internal sealed class CudaConvolution(CudnnConvolution library, ICudaHost host, IConvolutionKernels otherwise) : IConvolutionKernels
{
    public void Forward(View x, View w, View? bias, View y, Conv2dGeometry geometry, FusedActivation activation)
    {
        host.Bind();
        var problem = Problem(ConvolutionDirection.Forward, x, w, geometry);
        var shift = bias is { } given ? host.AddressOf(given) : 0;
        if (IsShort(problem, x, w, y, out var rounded))
        {
            var copies = host.Narrow(x, x.Elements, w, w.Elements, y.Elements);
            if (library.Forward(rounded, copies.First, copies.Second, 0, copies.Room, FusedActivation.None))
            {
                host.Widen(y);
                library.Finish(problem.Output, shift, host.AddressOf(y), activation);
                KeepAlive(x, w, y, bias);
                return;
            }
        }

        if (!library.Forward(problem, host.AddressOf(x), host.AddressOf(w), shift, host.AddressOf(y), activation))
        {
            otherwise.Forward(x, w, bias, y, geometry, activation);
        }

        KeepAlive(x, w, y, bias);
    }

    public void BackwardData(View dy, View w, View dx, Conv2dGeometry geometry)
    {
        host.Bind();
        var problem = Problem(ConvolutionDirection.BackwardData, dx, w, geometry);
        if (IsShort(problem, dy, w, dx, out var rounded))
        {
            var copies = host.Narrow(dy, dy.Elements, w, w.Elements, dx.Elements);
            if (library.BackwardData(rounded, copies.First, copies.Second, copies.Room))
            {
                host.Widen(dx);
                KeepAlive(dy, w, dx, null);
                return;
            }
        }

        if (!library.BackwardData(problem, host.AddressOf(dy), host.AddressOf(w), host.AddressOf(dx)))
        {
            otherwise.BackwardData(dy, w, dx, geometry);
        }

        KeepAlive(dy, w, dx, null);
    }

    public void BackwardFilter(View x, View dy, View dw, View? dbias, Conv2dGeometry geometry)
    {
        host.Bind();
        var problem = Problem(ConvolutionDirection.BackwardFilter, x, dw, geometry);
        var shift = dbias is { } given ? host.AddressOf(given) : 0;
        if (IsShort(problem, x, dy, dw, out var rounded))
        {
            var copies = host.Narrow(x, x.Elements, dy, dy.Elements, dw.Elements);
            if (library.BackwardFilter(rounded, copies.First, copies.Second, copies.Room, 0))
            {
                host.Widen(dw);
                if (shift != 0)
                {
                    library.BiasGradient(problem.Output, host.AddressOf(dy), shift);
                }

                KeepAlive(x, dy, dw, dbias);
                return;
            }
        }

        if (!library.BackwardFilter(problem, host.AddressOf(x), host.AddressOf(dy), host.AddressOf(dw), shift))
        {
            otherwise.BackwardFilter(x, dy, dw, dbias, geometry);
        }

        KeepAlive(x, dy, dw, dbias);
    }

    private ConvolutionProblem Problem(ConvolutionDirection direction, in View x, in View w, Conv2dGeometry geometry) => new(
        direction, x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3], w.Shape[0], w.Shape[2], w.Shape[3], geometry, AllowTf32: host.Precision != MatrixPrecision.Float32);

    /// <summary>Whether the operands are rounded to 16 bits, and the problem that the library is then given.</summary>
    private bool IsShort(in ConvolutionProblem problem, in View first, in View second, in View result, out ConvolutionProblem rounded)
    {
        var type = ShortPrecision.ConvolutionTypeOf(host.Precision);
        rounded = problem with { Type = type ?? CudnnDataType.Float32 };
        return type is not null && problem.IsRegular && ShortPrecision.CanCopy(host.AddressOf(first), host.AddressOf(second)) && ShortPrecision.CanCopy(host.AddressOf(result), 0);
    }

    private static void KeepAlive(in View first, in View second, in View third, in View? fourth)
    {
        GC.KeepAlive(first.Buffer);
        GC.KeepAlive(second.Buffer);
        GC.KeepAlive(third.Buffer);
        GC.KeepAlive(fourth?.Buffer);
    }
}
