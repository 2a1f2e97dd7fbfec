using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <summary>cuBLASLt as cublasLt.h declares it.</summary>
internal static unsafe partial class CublasLtApi
{
    internal const string Name = "cublasLt";

    static CublasLtApi() => CudaLibraries.AttachResolver();

    /// <summary>Every function declared here.</summary>
    internal static string[] EntryPoints { get; } =
    [
        "cublasLtCreate", "cublasLtDestroy", "cublasLtMatmulDescCreate", "cublasLtMatmulDescDestroy", "cublasLtMatmulDescSetAttribute",
        "cublasLtMatrixLayoutCreate", "cublasLtMatrixLayoutDestroy", "cublasLtMatrixLayoutSetAttribute", "cublasLtMatmulPreferenceCreate",
        "cublasLtMatmulPreferenceDestroy", "cublasLtMatmulPreferenceSetAttribute", "cublasLtMatmulAlgoGetHeuristic", "cublasLtMatmul",
    ];

    [LibraryImport(Name, EntryPoint = "cublasLtCreate")]
    internal static partial CublasStatus Create(nint* handle);

    [LibraryImport(Name, EntryPoint = "cublasLtDestroy")]
    internal static partial CublasStatus Destroy(nint handle);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmulDescCreate")]
    internal static partial CublasStatus MatmulDescCreate(nint* description, CublasComputeType compute, CudaDataType scale);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmulDescDestroy")]
    internal static partial CublasStatus MatmulDescDestroy(nint description);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmulDescSetAttribute")]
    internal static partial CublasStatus MatmulDescSetAttribute(nint description, MatmulDescAttribute attribute, void* value, nuint bytes);

    [LibraryImport(Name, EntryPoint = "cublasLtMatrixLayoutCreate")]
    internal static partial CublasStatus MatrixLayoutCreate(nint* layout, CudaDataType type, ulong rows, ulong columns, long leadingDimension);

    [LibraryImport(Name, EntryPoint = "cublasLtMatrixLayoutDestroy")]
    internal static partial CublasStatus MatrixLayoutDestroy(nint layout);

    [LibraryImport(Name, EntryPoint = "cublasLtMatrixLayoutSetAttribute")]
    internal static partial CublasStatus MatrixLayoutSetAttribute(nint layout, MatrixLayoutAttribute attribute, void* value, nuint bytes);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmulPreferenceCreate")]
    internal static partial CublasStatus MatmulPreferenceCreate(nint* preference);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmulPreferenceDestroy")]
    internal static partial CublasStatus MatmulPreferenceDestroy(nint preference);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmulPreferenceSetAttribute")]
    internal static partial CublasStatus MatmulPreferenceSetAttribute(nint preference, MatmulPreferenceAttribute attribute, void* value, nuint bytes);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmulAlgoGetHeuristic")]
    internal static partial CublasStatus MatmulAlgoGetHeuristic(nint handle, nint description, nint a, nint b, nint c, nint d, nint preference, int wanted, MatmulHeuristicResult* results, int* found);

    [LibraryImport(Name, EntryPoint = "cublasLtMatmul")]
    internal static partial CublasStatus Matmul(
        nint handle,
        nint description,
        void* alpha,
        nint a,
        nint aLayout,
        nint b,
        nint bLayout,
        void* beta,
        nint c,
        nint cLayout,
        nint d,
        nint dLayout,
        MatmulAlgorithm* algorithm,
        nint workspace,
        nuint workspaceBytes,
        nint stream);
}
