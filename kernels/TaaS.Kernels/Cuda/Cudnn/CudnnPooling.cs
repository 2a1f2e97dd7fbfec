namespace TaaS.Kernels.Cuda;

/// <summary>Pooling through cuDNN on device addresses; descriptors are kept from one call to the next.</summary>
/// <remarks>
/// The library finds a maximum again on the way back, from x and y, where our own kernels store its position.
/// Every method queues and does not wait; false means the library cannot do the problem.
/// </remarks>
internal sealed unsafe class CudnnPooling(CudnnHandle handle) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PlanCache<PoolingProblem, Plan> _plans = new(static problem => problem.IsRegular ? new Plan(problem) : null);

    internal bool Forward(in PoolingProblem problem, nint x, nint y)
    {
        lock (_gate)
        {
            float one = 1, zero = 0;
            return _plans[problem] is { } plan
                && CudnnApi.PoolingForward(handle.Handle, plan.Pooling.Handle, &one, plan.X.Handle, x, &zero, plan.Y.Handle, y).IsSupported("cudnnPoolingForward");
        }
    }

    internal bool Backward(in PoolingProblem problem, nint x, nint y, nint dy, nint dx)
    {
        lock (_gate)
        {
            float one = 1, zero = 0;
            return _plans[problem] is { } plan
                && CudnnApi.PoolingBackward(handle.Handle, plan.Pooling.Handle, &one, plan.Y.Handle, y, plan.Y.Handle, dy, plan.X.Handle, x, &zero, plan.X.Handle, dx).IsSupported("cudnnPoolingBackward");
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _plans.Dispose();
        }
    }

    private sealed class Plan(PoolingProblem p) : IDisposable
    {
        internal TensorDescriptor X { get; } = new(p.Type, p.N, p.C, p.H, p.W);

        internal TensorDescriptor Y { get; } = new(p.Type, p.N, p.C, p.Geometry.OutputH(p.H), p.Geometry.OutputW(p.W));

        internal PoolingDescriptor Pooling { get; } = new(p.Mode, p.Geometry);

        public void Dispose()
        {
            X.Dispose();
            Y.Dispose();
            Pooling.Dispose();
        }
    }
}
