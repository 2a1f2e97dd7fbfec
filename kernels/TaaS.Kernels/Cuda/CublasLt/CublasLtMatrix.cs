namespace TaaS.Kernels.Cuda;

/// <summary>Row-major matrix products through cuBLASLt. A problem met before costs no search and allocates nothing managed.</summary>
/// <remarks>For one stream: the workspace is shared by all products, which therefore must run one after another.</remarks>
internal sealed class CublasLtMatrix : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<MatmulKey, MatmulPlan?> _plans = [];
    private readonly nint _handle;
    private readonly CudaWorkspace _workspace;

    /// <summary>For the context that is current now.</summary>
    /// <exception cref="CudaLibraryException">The library is absent.</exception>
    internal unsafe CublasLtMatrix(CudaWorkspace workspace)
    {
        _workspace = workspace;
        nint handle = 0;
        CublasLtApi.Create(&handle).ThrowIfFailed("cublasLtCreate");
        _handle = handle;
    }

    /// <summary>c = act(alpha · op(a) · op(b) + beta · c + bias); queued, not awaited.</summary>
    /// <param name="problem">Shapes, steps, types and epilogue.</param>
    /// <param name="a">Device address of a.</param>
    /// <param name="b">Device address of b.</param>
    /// <param name="c">Device address of c.</param>
    /// <param name="bias">Device address of the bias; 0 where the epilogue has none.</param>
    /// <param name="alpha">Factor of the product.</param>
    /// <param name="beta">Factor of what c holds; 0 overwrites it, NaN included.</param>
    /// <param name="stream">Stream to queue on.</param>
    /// <returns>False where the library cannot do the problem; then nothing was queued.</returns>
    internal bool Multiply(in MatmulProblem problem, nint a, nint b, nint c, nint bias, float alpha, float beta, CudaStream stream)
    {
        if (!problem.IsRegular)
        {
            return false;
        }

        var key = MatmulKey.Of(problem, a, b, c, bias);
        lock (_gate)
        {
            if (!_plans.TryGetValue(key, out var plan))
            {
                plan = MatmulPlan.Create(_handle, key, bias, (nuint)_workspace.Length);
                _plans.Add(key, plan);
            }

            if (plan is null)
            {
                return false;
            }

            plan.Run(_handle, a, b, c, bias, alpha, beta, _workspace.Address, (nuint)_workspace.Length, stream.Handle);
            return true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var plan in _plans.Values)
            {
                plan?.Dispose();
            }

            _plans.Clear();
            CublasLtApi.Destroy(_handle).ThrowIfFailed("cublasLtDestroy");
        }
    }
}
