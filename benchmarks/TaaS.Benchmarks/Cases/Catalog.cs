namespace TaaS.Benchmarks.Cases;

/// <summary>Everything that is measured.</summary>
public static class Catalog
{
    /// <summary>All cases, by family.</summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        .. MatrixCases.All,
        .. ConvolutionCases.All,
        .. PoolingCases.All,
        .. VectorAddCases.All,
        .. SoftmaxCases.All,
        .. TrainingStepCases.All,
    ];

    /// <summary>Cases of one family.</summary>
    public static IEnumerable<Workload> Of(string group) => All.Where(one => one.Group == group);
}
