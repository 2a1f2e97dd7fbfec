using System.Text.Json;
using System.Text.Json.Serialization;
using TaaS.Kernels;

namespace TaaS.Runtime.ParameterServer;

/// <summary>A parameter as the model names it.</summary>
/// <param name="Name">Dotted name, such as <c>0.weight</c>.</param>
/// <param name="Shape">Axis lengths, outermost first.</param>
public sealed record ParameterInfo(string Name, IReadOnlyList<int> Shape)
{
    /// <summary>Number of elements.</summary>
    public int Elements => checked((int)new Shape([.. Shape]).Elements);
}

/// <summary>A run of elements of one parameter, kept whole by one server.</summary>
/// <param name="Index">Place in the layout.</param>
/// <param name="Parameter">Index of its parameter.</param>
/// <param name="Offset">First element within the parameter.</param>
/// <param name="Length">Number of elements.</param>
/// <param name="Server">Server that owns it.</param>
public readonly record struct ParameterSlice(int Index, int Parameter, int Offset, int Length, int Server);

/// <summary>How a model's parameters are cut into slices and spread over servers. The same input gives the same layout everywhere.</summary>
public sealed class ParameterLayout
{
    /// <summary>Most elements of a slice: 1 MiB, within the 4 MiB that a frame may carry.</summary>
    public const int MaxSliceElements = 256 * 1024;

    /// <summary>Most elements a frame may carry: 4 MiB.</summary>
    internal const int MaxFrameElements = 1024 * 1024;

    // Cuts fall on whole cache lines, so that vector kernels see the same lanes as in the whole parameter.
    private const int CutMultiple = 64;

    private readonly int _maxSliceElements;

    private ParameterLayout(IReadOnlyList<ParameterInfo> parameters, ParameterSlice[] slices, int servers, int maxSliceElements, long plannedUpdates) =>
        (Parameters, Slices, Servers, _maxSliceElements, PlannedUpdates) = (parameters, slices, servers, maxSliceElements, plannedUpdates);

    /// <summary>Parameters in the model's order.</summary>
    public IReadOnlyList<ParameterInfo> Parameters { get; }

    /// <summary>All slices, in the order of parameters and offsets.</summary>
    public IReadOnlyList<ParameterSlice> Slices { get; }

    /// <summary>Number of servers.</summary>
    public int Servers { get; }

    /// <summary>Updates the whole run will make, which the learning rate's schedule goes by; servers do not see the data and cannot count them.</summary>
    public long PlannedUpdates { get; }

    /// <summary>Cuts and spreads parameters: larger slices first, each to the server with the fewest elements so far.</summary>
    /// <param name="parameters">Parameters in the model's order.</param>
    /// <param name="servers">Number of servers, at least 1.</param>
    /// <param name="maxSliceElements">Most elements of a slice.</param>
    /// <param name="plannedUpdates">Updates the whole run will make.</param>
    /// <exception cref="TrainingException">No parameters, or two of one name.</exception>
    public static ParameterLayout Create(IReadOnlyList<ParameterInfo> parameters, int servers, int maxSliceElements = MaxSliceElements, long plannedUpdates = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(servers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSliceElements, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(plannedUpdates, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxSliceElements, MaxFrameElements);
        if (parameters.Count == 0)
        {
            throw new TrainingException("the model has no parameters to train; give CreateModel layers with weights");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var cuts = new List<ParameterSlice>();
        for (var parameter = 0; parameter < parameters.Count; parameter++)
        {
            if (!names.Add(parameters[parameter].Name))
            {
                throw new TrainingException($"the model has two parameters named '{parameters[parameter].Name}'; names must differ");
            }

            Cut(parameters[parameter].Elements, parameter, maxSliceElements, cuts);
        }

        return new ParameterLayout(parameters, Spread(cuts, servers), servers, maxSliceElements, plannedUpdates);
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="TrainingException">Not a layout.</exception>
    public static ParameterLayout FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            var wire = JsonSerializer.Deserialize(json, LayoutJson.Default.Wire) ?? throw new JsonException("null");
            return Create(wire.Parameters, wire.Servers, wire.MaxSliceElements, wire.PlannedUpdates);
        }
        catch (Exception error) when (error is JsonException or ArgumentException or OverflowException or NullReferenceException)
        {
            throw new TrainingException($"a worker registered a model that cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The layout as JSON: names, shapes, number of servers and updates, from which all else follows.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(new Wire([.. Parameters], Servers, _maxSliceElements, PlannedUpdates), LayoutJson.Default.Wire);

    /// <summary>Name and range of a slice, for messages.</summary>
    public string Describe(int slice)
    {
        var at = Slices[slice];
        return $"{Parameters[at.Parameter].Name}[{at.Offset}..{at.Offset + at.Length}]";
    }

    private static void Cut(int elements, int parameter, int maxSliceElements, List<ParameterSlice> cuts)
    {
        var pieces = Math.Max(1, (elements + maxSliceElements - 1) / maxSliceElements);
        var piece = Math.Min(maxSliceElements, ((elements + pieces - 1) / pieces + CutMultiple - 1) / CutMultiple * CutMultiple);
        for (var offset = 0; offset < elements; offset += piece)
        {
            cuts.Add(new ParameterSlice(cuts.Count, parameter, offset, Math.Min(piece, elements - offset), 0));
        }
    }

    private static ParameterSlice[] Spread(List<ParameterSlice> cuts, int servers)
    {
        var load = new long[servers];
        var slices = cuts.ToArray();
        foreach (var cut in cuts.OrderByDescending(slice => slice.Length).ThenBy(slice => slice.Index))
        {
            var server = Array.IndexOf(load, load.Min());
            load[server] += cut.Length;
            slices[cut.Index] = cut with { Server = server };
        }

        return slices;
    }

    internal sealed record Wire(ParameterInfo[] Parameters, int Servers, int MaxSliceElements, long PlannedUpdates);
}

[JsonSerializable(typeof(ParameterLayout.Wire))]
internal sealed partial class LayoutJson : JsonSerializerContext;
