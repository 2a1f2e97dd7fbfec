using System.Text.Json;
using System.Text.Json.Nodes;

namespace TaaS.Jobs;

/// <summary>A kind of node, and of pod on it (cluster-wide resource <c>ResourceFlavor</c>).</summary>
/// <param name="Name">Name of the flavor.</param>
/// <param name="Spec">What sets it apart.</param>
public sealed record ResourceFlavor(string Name, ResourceFlavorSpec Spec)
{
    /// <summary>Kind of the resource.</summary>
    public const string Kind = "ResourceFlavor";

    /// <summary>Reads a flavor from YAML or JSON, fills in defaults and checks all of it.</summary>
    /// <exception cref="JobException">Anything unknown, missing, of a wrong type or unit, or impossible.</exception>
    public static ResourceFlavor Parse(string yaml) => ContractReader.Parse(yaml, "the flavor", [], QueueReader.ReadFlavor, static _ => []);

    /// <summary>Reads the spec of a custom resource.</summary>
    /// <exception cref="JobException">Anything unknown, missing, of a wrong type or unit, or impossible.</exception>
    public static ResourceFlavor FromSpec(string name, JsonElement spec) => new(name, ContractReader.Spec(spec, QueueReader.ReadFlavorSpec, static _ => []));

    /// <summary>Reads a custom resource, whatever else the API server wrote into its metadata and beside its spec.</summary>
    /// <exception cref="JobException">No name, or anything wrong with the spec.</exception>
    public static ResourceFlavor FromResource(JsonElement resource) => FromSpec(ResourceJson.Name(resource), ResourceJson.Spec(resource));

    /// <summary>The flavor as YAML with all defaults written out.</summary>
    public string ToYaml() => JsonYaml.Write(ToJson());

    /// <summary>The same as a JSON object, as an API server takes it.</summary>
    public JsonObject ToJson() => QueueWriter.Write(this);
}

/// <summary>What sets a flavor apart.</summary>
public sealed record ResourceFlavorSpec
{
    /// <summary>Labels that its nodes carry; empty for any node.</summary>
    public IReadOnlyDictionary<string, string> NodeLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Taints of its nodes; a pod admitted to the flavor puts up with them.</summary>
    public IReadOnlyList<Taint> NodeTaints { get; init; } = [];

    /// <summary>Size of a replica that names this flavor and no resources; empty for none.</summary>
    public IReadOnlyDictionary<string, Quantity> Resources { get; init; } = new Dictionary<string, Quantity>();

    /// <summary>Price of one replica of that size for an hour, in the currency of the house; 0 for free.</summary>
    public decimal PricePerHour { get; init; }
}
