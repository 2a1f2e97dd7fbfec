using TaaS.Benchmarks.Operations.Families;
using TaaS.Kernels;

namespace TaaS.Benchmarks.Operations;

/// <summary>Everything that is measured.</summary>
public static class OperationCatalog
{
    /// <summary>All operations at a scale, by family; matrix work on a GPU in each precision.</summary>
    public static IReadOnlyList<Operation> All(Scale scale) =>
    [
        .. InEachPrecision(MatrixOperations.All(scale), scale),
        .. InEachPrecision(ConvolutionOperations.All(scale), scale),
        .. PoolingOperations.All(scale),
        .. VectorAddOperations.All(scale),
        .. ElementwiseOperations.All(scale),
        .. ActivationOperations.All(scale),
        .. ReductionOperations.All(scale),
        .. SoftmaxOperations.All(scale),
        .. NormalizationOperations.All(scale),
        .. RandomOperations.All(scale),
        .. OptimizerOperations.All(scale),
        .. InEachPrecision(TrainingStepOperations.All(scale), scale),
    ];

    // Rounded operands allow so much more; rounding in one layer also moves the choices of the next, so a whole step allows more again.
    private static IEnumerable<Operation> InEachPrecision(IEnumerable<Operation> operations, Scale scale) => scale == Scale.Processor
        ? operations
        : operations.SelectMany(operation => (Operation[])
        [
            operation,
            operation with { Precision = MatrixPrecision.TensorFloat32, Tolerance = 10 * operation.Tolerance },
            operation with { Precision = MatrixPrecision.BFloat16, Tolerance = operation.Work.Unit == WorkUnit.Image ? 0.2 : 100 * operation.Tolerance },
        ]);
}
