namespace TaaS.Kernels.Cuda;

/// <summary>Convolution through cuDNN on device addresses. A problem met before costs no search and allocates nothing managed.</summary>
/// <remarks>Every method queues and does not wait; false means the library cannot do the problem: the outputs hold nothing of use, another implementation must write them.</remarks>
internal sealed unsafe class CudnnConvolution(CudnnHandle handle, CudaWorkspace workspace) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PlanCache<ConvolutionProblem, ConvolutionPlan> _plans = new(problem => problem.IsRegular ? ConvolutionPlan.Create(handle.Handle, problem, workspace.Length) : null);
    private readonly CudnnEpilogue _epilogue = new(handle);

    // The library fuses no relu that keeps NaN.
    private readonly ReluDescriptor _fusedRelu = new(CudnnNanPropagation.DoNotPropagate);

    /// <summary>y = act(x ∗ w + bias); bias 0 for none.</summary>
    internal bool Forward(in ConvolutionProblem problem, nint x, nint w, nint bias, nint y, FusedActivation activation)
    {
        lock (_gate)
        {
            if (_plans[problem] is not { } plan)
            {
                return false;
            }

            var relu = activation == FusedActivation.Relu;
            if (bias != 0 && relu && Fused(plan, x, w, bias, y))
            {
                return true;
            }

            if (!Plain(plan, x, w, y))
            {
                return false;
            }

            _epilogue.Apply(problem.Output, bias, y, relu);
            return true;
        }
    }

    /// <summary>dx = gradient with respect to the input.</summary>
    internal bool BackwardData(in ConvolutionProblem problem, nint dy, nint w, nint dx)
    {
        lock (_gate)
        {
            float one = 1, zero = 0;
            return _plans[problem] is { } plan
                && CudnnApi.ConvolutionBackwardData(handle.Handle, &one, plan.W.Handle, w, plan.Y.Handle, dy, plan.Convolution, plan.Algorithm, workspace.Address, (nuint)workspace.Length, &zero, plan.X.Handle, dx)
                    .IsSupported("cudnnConvolutionBackwardData");
        }
    }

    /// <summary>dw = gradient with respect to the filters, dbias = dy summed over N, H, W; dbias 0 for none.</summary>
    internal bool BackwardFilter(in ConvolutionProblem problem, nint x, nint dy, nint dw, nint dbias)
    {
        lock (_gate)
        {
            float one = 1, zero = 0;
            if (_plans[problem] is not { } plan
                || !CudnnApi.ConvolutionBackwardFilter(handle.Handle, &one, plan.X.Handle, x, plan.Y.Handle, dy, plan.Convolution, plan.Algorithm, workspace.Address, (nuint)workspace.Length, &zero, plan.W.Handle, dw)
                    .IsSupported("cudnnConvolutionBackwardFilter"))
            {
                return false;
            }

            if (dbias != 0)
            {
                _epilogue.BiasGradient(problem.Output, dy, dbias);
            }

            return true;
        }
    }

    /// <summary>y = act(y + bias), for an output that was widened after it was computed; bias 0 for none.</summary>
    internal void Finish(in ConvolutionOutput output, nint bias, nint y, FusedActivation activation)
    {
        lock (_gate)
        {
            _epilogue.Apply(output, bias, y, activation == FusedActivation.Relu);
        }
    }

    /// <summary>dbias = dy summed over N, H, W, where dy was not rounded for the filters' gradient.</summary>
    internal void BiasGradient(in ConvolutionOutput output, nint dy, nint dbias)
    {
        lock (_gate)
        {
            _epilogue.BiasGradient(output, dy, dbias);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _plans.Dispose();
            _epilogue.Dispose();
            _fusedRelu.Dispose();
        }
    }

    /// <summary>All in one call, in which relu takes NaN for 0. The library fuses only where bias and relu come together.</summary>
    private bool Fused(ConvolutionPlan plan, nint x, nint w, nint bias, nint y)
    {
        float one = 1, zero = 0;
        return CudnnApi.ConvolutionBiasActivationForward(
            handle.Handle, &one, plan.X.Handle, x, plan.W.Handle, w, plan.Convolution, plan.Algorithm, workspace.Address, (nuint)workspace.Length,
            &zero, plan.Y.Handle, y, plan.Bias.Handle, bias, _fusedRelu.Handle, plan.Y.Handle, y).IsSupported("cudnnConvolutionBiasActivationForward");
    }

    private bool Plain(ConvolutionPlan plan, nint x, nint w, nint y)
    {
        float one = 1, zero = 0;
        return CudnnApi.ConvolutionForward(
            handle.Handle, &one, plan.X.Handle, x, plan.W.Handle, w, plan.Convolution, plan.Algorithm, workspace.Address, (nuint)workspace.Length, &zero, plan.Y.Handle, y).IsSupported("cudnnConvolutionForward");
    }
}
