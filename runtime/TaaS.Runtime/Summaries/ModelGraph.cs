using TaaS.Engine;
using TaaS.Engine.Nn;
using TaaS.Kernels;
using TaaS.Runtime.Summaries.Protocol;

namespace TaaS.Runtime.Summaries;

/// <summary>Draws a model as TensorBoard's graph: a scope for each module with its operation and its parameters.</summary>
/// <remarks>A <see cref="Sequential"/> is a chain. How another module joins its parts is known to its code alone: they are shown as what it uses.</remarks>
internal sealed class ModelGraph
{
    private const string Input = "samples";
    private const string Labels = "labels";

    // The version of graphs that all releases of TensorBoard read.
    private const int Producer = 22;

    private readonly GraphDef _graph = new() { Versions = new VersionDef { Producer = Producer } };

    private ModelGraph()
    {
    }

    /// <summary>Draws a model from its samples to its loss.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sample">Shape of one sample.</param>
    public static GraphDef Of(Module model, Shape sample)
    {
        var graph = new ModelGraph();
        graph.Add(Input, "Placeholder", ToProtocol(sample, isBatch: true));
        var output = graph.Add(model, "", Input);
        graph.Add(Labels, "Placeholder", ToProtocol(new Shape([]), isBatch: true));
        graph.Add("loss", "Loss", null, output, Labels);
        return graph._graph;
    }

    /// <summary>Adds a module and gives the name of the node that its output comes from.</summary>
    private string Add(Module module, string scope, string input)
    {
        if (module is Sequential)
        {
            foreach (var (name, child) in module.NamedChildren())
            {
                input = Add(child, $"{scope}{name}/", input);
            }

            return input;
        }

        List<string> uses = [input];
        foreach (var (name, value) in module.OwnParameters())
        {
            uses.Add(Add($"{scope}{name}", "VariableV2", ToProtocol(value.Shape, isBatch: false)));
        }

        foreach (var (name, child) in module.NamedChildren())
        {
            uses.Add(Add(child, $"{scope}{name}/", input));
        }

        var type = module.GetType().Name;
        return Add($"{scope}{type}", type, null, [.. uses]);
    }

    private string Add(string name, string operation, TensorShapeProto? shape, params ReadOnlySpan<string> inputs)
    {
        var node = new NodeDef { Name = name, Op = operation };
        foreach (var input in inputs)
        {
            node.Input.Add(input);
        }

        if (shape is not null)
        {
            node.Attr.Add("shape", new AttrValue { Shape = shape });
        }

        _graph.Node.Add(node);
        return name;
    }

    // A batch may have any length, which the format calls -1.
    private static TensorShapeProto ToProtocol(Shape shape, bool isBatch)
    {
        var protocol = new TensorShapeProto();
        if (isBatch)
        {
            protocol.Dim.Add(new TensorShapeProto.Types.Dim { Size = -1 });
        }

        for (var axis = 0; axis < shape.Rank; axis++)
        {
            protocol.Dim.Add(new TensorShapeProto.Types.Dim { Size = shape[axis] });
        }

        return protocol;
    }
}
