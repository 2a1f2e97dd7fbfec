using TaaS.Benchmarks.Operations.Families;

namespace TaaS.Benchmarks.Operations;

/// <summary>Everything that is measured.</summary>
public static class OperationCatalog
{
    /// <summary>All operations at a scale, by family.</summary>
    public static IReadOnlyList<Operation> All(Scale scale) =>
    [
        .. MatrixOperations.All(scale),
        .. ConvolutionOperations.All(scale),
        .. PoolingOperations.All(scale),
        .. VectorAddOperations.All(scale),
        .. ElementwiseOperations.All(scale),
        .. ActivationOperations.All(scale),
        .. ReductionOperations.All(scale),
        .. SoftmaxOperations.All(scale),
        .. NormalizationOperations.All(scale),
        .. RandomOperations.All(scale),
        .. OptimizerOperations.All(scale),
        .. TrainingStepOperations.All(scale),
    ];
}
