namespace TaaS.Kernels.Cuda;

/// <summary>2-D convolution through cuDNN; what it cannot do, another implementation does.</summary>
/// <param name="library">cuDNN on the device.</param>
/// <param name="host">The device.</param>
/// <param name="otherwise">Does what the library cannot: empty tensors, and cases none of its algorithms takes.</param>
internal sealed class CudaConvolution(CudnnConvolution library, ICudaHost host, IConvolutionKernels otherwise) : IConvolutionKernels
{
    public void Forward(View x, View w, View? bias, View y, Conv2dGeometry geometry, FusedActivation activation)
    {
        host.Bind();
        if (!library.Forward(Problem(ConvolutionDirection.Forward, x, w, geometry), host.AddressOf(x), host.AddressOf(w), bias is { } shift ? host.AddressOf(shift) : 0, host.AddressOf(y), activation))
        {
            otherwise.Forward(x, w, bias, y, geometry, activation);
        }

        KeepAlive(x, w, y, bias);
    }

    public void BackwardData(View dy, View w, View dx, Conv2dGeometry geometry)
    {
        host.Bind();
        if (!library.BackwardData(Problem(ConvolutionDirection.BackwardData, dx, w, geometry), host.AddressOf(dy), host.AddressOf(w), host.AddressOf(dx)))
        {
            otherwise.BackwardData(dy, w, dx, geometry);
        }

        KeepAlive(dy, w, dx, null);
    }

    public void BackwardFilter(View x, View dy, View dw, View? dbias, Conv2dGeometry geometry)
    {
        host.Bind();
        if (!library.BackwardFilter(Problem(ConvolutionDirection.BackwardFilter, x, dw, geometry), host.AddressOf(x), host.AddressOf(dy), host.AddressOf(dw), dbias is { } shift ? host.AddressOf(shift) : 0))
        {
            otherwise.BackwardFilter(x, dy, dw, dbias, geometry);
        }

        KeepAlive(x, dy, dw, dbias);
    }

    // The library rounds f32 tensors to nothing coarser than tf32 by itself.
    private ConvolutionProblem Problem(ConvolutionDirection direction, in View x, in View w, Conv2dGeometry geometry) => new(
        direction, x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3], w.Shape[0], w.Shape[2], w.Shape[3], geometry, AllowTf32: host.Precision != MatrixPrecision.Float32);

    private static void KeepAlive(in View first, in View second, in View third, in View? fourth)
    {
        GC.KeepAlive(first.Buffer);
        GC.KeepAlive(second.Buffer);
        GC.KeepAlive(third.Buffer);
        GC.KeepAlive(fourth?.Buffer);
    }
}
