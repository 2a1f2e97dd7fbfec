namespace TaaS.Kernels.Cuda;

/// <summary>A convolution's output, [N, K, H, W].</summary>
internal readonly record struct ConvolutionOutput(int N, int K, int H, int W, CudnnDataType Type);

/// <summary>What follows a convolution, and the gradient of its bias, as launches of their own through cuDNN.</summary>
internal sealed unsafe class CudnnEpilogue(CudnnHandle handle) : IDisposable
{
    private readonly PlanCache<ConvolutionOutput, Plan> _plans = new(static output => new Plan(output));
    private readonly ReluDescriptor _relu = new(CudnnNanPropagation.Propagate);

    /// <summary>y = act(y + bias); bias 0 for none.</summary>
    internal void Apply(in ConvolutionOutput output, nint bias, nint y, bool relu)
    {
        float one = 1, zero = 0;
        var plan = _plans[output]!;
        if (bias != 0)
        {
            CudnnApi.AddTensor(handle.Handle, &one, plan.Bias.Handle, bias, &one, plan.Y.Handle, y).ThrowIfFailed("cudnnAddTensor");
        }

        if (relu)
        {
            CudnnApi.ActivationForward(handle.Handle, _relu.Handle, &one, plan.Y.Handle, y, &zero, plan.Y.Handle, y).ThrowIfFailed("cudnnActivationForward");
        }
    }

    /// <summary>dbias = dy summed over N, H, W.</summary>
    internal void BiasGradient(in ConvolutionOutput output, nint dy, nint dbias)
    {
        float one = 1, zero = 0;
        var plan = _plans[output]!;
        CudnnApi.ConvolutionBackwardBias(handle.Handle, &one, plan.Y.Handle, dy, &zero, plan.Bias.Handle, dbias).ThrowIfFailed("cudnnConvolutionBackwardBias");
    }

    public void Dispose()
    {
        _plans.Dispose();
        _relu.Dispose();
    }

    private sealed class Plan(ConvolutionOutput o) : IDisposable
    {
        internal TensorDescriptor Y { get; } = new(o.Type, o.N, o.K, o.H, o.W);

        internal TensorDescriptor Bias { get; } = new(o.Type, 1, o.K, 1, 1);

        public void Dispose()
        {
            Y.Dispose();
            Bias.Dispose();
        }
    }
}
