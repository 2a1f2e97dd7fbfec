namespace TaaS.Kernels.Cuda;

/// <summary>A problem's descriptors and the algorithm chosen for it, kept from one call to the next.</summary>
internal sealed unsafe class MatmulPlan : IDisposable
{
    private nint _description;
    private nint _first;
    private nint _second;
    private nint _result;
    private MatmulAlgorithm _algorithm;

    private MatmulPlan()
    {
    }

    /// <summary>Asks the library for its best algorithm; null where it has none.</summary>
    internal static MatmulPlan? Create(nint handle, in MatmulKey key, nint bias, nuint workspaceBytes)
    {
        var plan = new MatmulPlan();
        try
        {
            plan.Describe(key.Problem, bias);
            if (plan.ChooseAlgorithm(handle, key, workspaceBytes))
            {
                return plan;
            }
        }
        catch
        {
            plan.Dispose();
            throw;
        }

        plan.Dispose();
        return null;
    }

    internal void Run(nint handle, nint a, nint b, nint c, nint bias, float alpha, float beta, nint workspace, nuint workspaceBytes, nint stream)
    {
        if (bias != 0)
        {
            Set(MatmulDescAttribute.BiasPointer, bias);
        }

        fixed (MatmulAlgorithm* algorithm = &_algorithm)
        {
            CublasLtApi.Matmul(handle, _description, &alpha, b, _first, a, _second, &beta, c, _result, c, _result, algorithm, workspace, workspaceBytes, stream).ThrowIfFailed("cublasLtMatmul");
        }
    }

    public void Dispose()
    {
        DestroyLayout(ref _first);
        DestroyLayout(ref _second);
        DestroyLayout(ref _result);
        if (_description != 0)
        {
            _ = CublasLtApi.MatmulDescDestroy(_description);
            _description = 0;
        }
    }

    private static void DestroyLayout(ref nint layout)
    {
        if (layout != 0)
        {
            _ = CublasLtApi.MatrixLayoutDestroy(layout);
            layout = 0;
        }
    }

    private void Describe(in MatmulProblem problem, nint bias)
    {
        var turned = ColumnMajorProblem.Of(problem);
        fixed (nint* description = &_description)
        {
            CublasLtApi.MatmulDescCreate(description, problem.Compute, CudaDataType.Float32).ThrowIfFailed("cublasLtMatmulDescCreate");
        }

        Set(MatmulDescAttribute.TransposeA, turned.FirstOperation);
        Set(MatmulDescAttribute.TransposeB, turned.SecondOperation);
        Set(MatmulDescAttribute.Epilogue, problem.Epilogue);
        if (problem.HasBias)
        {
            Set(MatmulDescAttribute.BiasDataType, problem.ResultType);
            Set(MatmulDescAttribute.BiasPointer, bias);
        }

        Describe(turned.First, problem.Type, problem.Batches, ref _first);
        Describe(turned.Second, problem.Type, problem.Batches, ref _second);
        Describe(turned.Result, problem.ResultType, problem.Batches, ref _result);
    }

    private void Set<T>(MatmulDescAttribute attribute, T value)
        where T : unmanaged => CublasLtApi.MatmulDescSetAttribute(_description, attribute, &value, (nuint)sizeof(T)).ThrowIfFailed("cublasLtMatmulDescSetAttribute");

    private static void Describe(in ColumnMajorLayout matrix, CudaDataType type, int batches, ref nint layout)
    {
        fixed (nint* created = &layout)
        {
            CublasLtApi.MatrixLayoutCreate(created, type, (ulong)matrix.Rows, (ulong)matrix.Columns, matrix.LeadingDimension).ThrowIfFailed("cublasLtMatrixLayoutCreate");
        }

        if (batches > 1)
        {
            var step = matrix.BatchStep;
            CublasLtApi.MatrixLayoutSetAttribute(layout, MatrixLayoutAttribute.BatchCount, &batches, sizeof(int)).ThrowIfFailed("cublasLtMatrixLayoutSetAttribute");
            CublasLtApi.MatrixLayoutSetAttribute(layout, MatrixLayoutAttribute.StridedBatchOffset, &step, sizeof(long)).ThrowIfFailed("cublasLtMatrixLayoutSetAttribute");
        }
    }

    private bool ChooseAlgorithm(nint handle, in MatmulKey key, nuint workspaceBytes)
    {
        nint preference = 0;
        CublasLtApi.MatmulPreferenceCreate(&preference).ThrowIfFailed("cublasLtMatmulPreferenceCreate");
        try
        {
            Prefer(preference, MatmulPreferenceAttribute.MaxWorkspaceBytes, (ulong)workspaceBytes);
            Prefer(preference, MatmulPreferenceAttribute.MinAlignmentA, (uint)key.AlignmentB);
            Prefer(preference, MatmulPreferenceAttribute.MinAlignmentB, (uint)key.AlignmentA);
            Prefer(preference, MatmulPreferenceAttribute.MinAlignmentC, (uint)key.AlignmentC);
            Prefer(preference, MatmulPreferenceAttribute.MinAlignmentD, (uint)key.AlignmentC);
            MatmulHeuristicResult result = default;
            var found = 0;
            var status = CublasLtApi.MatmulAlgoGetHeuristic(handle, _description, _first, _second, _result, _result, preference, 1, &result, &found);
            if (status == CublasStatus.NotSupported || (status == CublasStatus.Success && (found == 0 || result.State == CublasStatus.NotSupported)))
            {
                return false;
            }

            status.ThrowIfFailed("cublasLtMatmulAlgoGetHeuristic");
            result.State.ThrowIfFailed("cublasLtMatmulAlgoGetHeuristic");
            _algorithm = result.Algorithm;
            return true;
        }
        finally
        {
            _ = CublasLtApi.MatmulPreferenceDestroy(preference);
        }
    }

    private static void Prefer<T>(nint preference, MatmulPreferenceAttribute attribute, T value)
        where T : unmanaged => CublasLtApi.MatmulPreferenceSetAttribute(preference, attribute, &value, (nuint)sizeof(T)).ThrowIfFailed("cublasLtMatmulPreferenceSetAttribute");
}
