namespace TaaS.Kernels.Cuda;

/// <summary>Batch normalisation of channels through cuDNN on device addresses; descriptors are kept from one call to the next.</summary>
/// <remarks>Meanings and statistics as in <see cref="INormalizationKernels"/>. Every method queues and does not wait; false means the library cannot do the problem.</remarks>
internal sealed unsafe class CudnnBatchNormalization(CudnnHandle handle) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PlanCache<BatchNormalizationProblem, Plan> _plans = new(static problem => problem.IsRegular ? new Plan(problem) : null);

    internal bool Forward(in BatchNormalizationProblem problem, nint x, nint gamma, nint beta, nint runningMean, nint runningVariance, nint y, nint savedMean, nint savedInverseStd, float momentum, float epsilon)
    {
        lock (_gate)
        {
            float one = 1, zero = 0;
            return _plans[problem] is { } plan
                && CudnnApi.BatchNormalizationForwardTraining(
                    handle.Handle, CudnnBatchNormMode.Spatial, &one, &zero, plan.X.Handle, x, plan.X.Handle, y, plan.Channels.Handle,
                    gamma, beta, momentum, runningMean, runningVariance, epsilon, savedMean, savedInverseStd).IsSupported("cudnnBatchNormalizationForwardTraining");
        }
    }

    /// <summary>The saved statistics carry epsilon already.</summary>
    internal bool Backward(in BatchNormalizationProblem problem, nint x, nint gamma, nint savedMean, nint savedInverseStd, nint dy, nint dx, nint dgamma, nint dbeta)
    {
        lock (_gate)
        {
            float one = 1, zero = 0;
            return _plans[problem] is { } plan
                && CudnnApi.BatchNormalizationBackward(
                    handle.Handle, CudnnBatchNormMode.Spatial, &one, &zero, &one, &zero, plan.X.Handle, x, plan.X.Handle, dy, plan.X.Handle, dx, plan.Channels.Handle,
                    gamma, dgamma, dbeta, 0, savedMean, savedInverseStd).IsSupported("cudnnBatchNormalizationBackward");
        }
    }

    internal bool Inference(in BatchNormalizationProblem problem, nint x, nint gamma, nint beta, nint mean, nint variance, nint y, float epsilon)
    {
        lock (_gate)
        {
            float one = 1, zero = 0;
            return _plans[problem] is { } plan
                && CudnnApi.BatchNormalizationForwardInference(
                    handle.Handle, CudnnBatchNormMode.Spatial, &one, &zero, plan.X.Handle, x, plan.X.Handle, y, plan.Channels.Handle,
                    gamma, beta, mean, variance, epsilon).IsSupported("cudnnBatchNormalizationForwardInference");
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _plans.Dispose();
        }
    }

    private sealed class Plan(BatchNormalizationProblem p) : IDisposable
    {
        internal TensorDescriptor X { get; } = new(p.Type, p.N, p.C, p.H, p.W);

        internal TensorDescriptor Channels { get; } = new(CudnnDataType.Float32, 1, p.C, 1, 1);

        public void Dispose()
        {
            X.Dispose();
            Channels.Dispose();
        }
    }
}
