using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Benchmarks.Distributed.Content;

/// <summary>
/// A model of a given size whose parameters are known after any number of updates, so that a lost, doubled or damaged one is seen.
/// Values, gradients and the rate are small multiples of a power of two: plain sgd on them is exact.
/// </summary>
internal sealed class ModelContent
{
    private const float Rate = 0.5f;
    private const int MostElementsOfAParameter = 2_500_000;

    /// <summary>Makes a model whose values are as before any update.</summary>
    /// <param name="elements">Number of f32 elements.</param>
    /// <param name="servers">Servers to spread it over.</param>
    internal ModelContent(int elements, int servers = 1)
    {
        Layout = LayoutOf(elements, servers);
        Values = [.. Layout.Parameters.Select(Allocate)];
        Gradients = [.. Layout.Parameters.Select(Allocate)];
        for (var parameter = 0; parameter < Values.Count; parameter++)
        {
            Fill(Values[parameter].Floats);
            var gradients = Gradients[parameter].Floats;
            for (var i = 0; i < gradients.Length; i++)
            {
                gradients[i] = GradientAt(i);
            }
        }
    }

    /// <summary>How it is cut and spread: the product's own slices.</summary>
    internal ParameterLayout Layout { get; }

    /// <summary>Parameters in the layout's order.</summary>
    internal IReadOnlyList<View> Values { get; }

    /// <summary>Gradients, the same each step.</summary>
    internal IReadOnlyList<View> Gradients { get; }

    /// <summary>Bytes of all parameters.</summary>
    internal long Bytes => Values.Sum(value => value.Elements) * sizeof(float);

    /// <summary>Plain sgd: the least work that is an update.</summary>
    internal static OptimizerSettings Optimizer { get; } = new() { Name = "sgd", LearningRate = Rate };

    /// <summary>The same rule, for a server that is not the product's.</summary>
    internal static UpdateRule Rule { get; } = UpdateRule.Sgd(Rate, 0, 0, nesterov: false);

    /// <summary>How the product cuts a model of that many elements.</summary>
    internal static ParameterLayout LayoutOf(int elements, int servers = 1)
    {
        var parameters = new List<ParameterInfo>();
        for (var left = elements; left > 0; left -= MostElementsOfAParameter)
        {
            parameters.Add(new ParameterInfo($"{parameters.Count}.weight", [Math.Min(left, MostElementsOfAParameter)]));
        }

        return ParameterLayout.Create(parameters, servers);
    }

    /// <summary>Content to initialise servers with.</summary>
    internal ParameterState InitialState()
    {
        var state = ParameterState.Allocate(Layout.Parameters, slots: 0);
        foreach (var parts in state.Parts)
        {
            Fill(parts[0].Floats);
        }

        return state;
    }

    /// <summary>Fails unless the values are those after that many updates.</summary>
    /// <param name="updates">Updates made by now.</param>
    /// <param name="tolerance">Largest difference; an update more or less makes one of at least 0.5. 0 where the mean of several gradients was not taken.</param>
    /// <exception cref="BenchmarkException">They are not; the message says where.</exception>
    internal void Check(long updates, float tolerance = 0)
    {
        for (var parameter = 0; parameter < Values.Count; parameter++)
        {
            var values = Values[parameter].Floats;
            for (var i = 0; i < values.Length; i++)
            {
                var expected = ValueAt(i, updates);
                if (!(Math.Abs(values[i] - expected) <= tolerance))
                {
                    throw new BenchmarkException($"wrong content: {Layout.Parameters[parameter].Name}[{i}] is {values[i]} after {updates} updates, expected {expected}");
                }
            }
        }
    }

    /// <summary>Writes a parameter's values as they are before any update.</summary>
    internal static void Fill(Span<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = ValueAt(i, updates: 0);
        }
    }

    private static float ValueAt(int element, long updates) => (element & 1023) - updates * Rate * GradientAt(element);

    // Never 0, so that every update shows in every element.
    private static float GradientAt(int element) => (element & 7) - 3 is var whole and not 0 ? whole : 5;

    private static View Allocate(ParameterInfo parameter) =>
        new(CpuDevice.Instance.Allocate(DType.Float32, parameter.Elements, zeroed: true), new Shape(parameter.Elements));
}
