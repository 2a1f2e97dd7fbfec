using System.Text.Json.Serialization;
using k8s.Models;

namespace TaaS.Kubernetes;

/// <summary>Objects of one kind, and the version at which the list was true.</summary>
/// <typeparam name="T">Their type.</typeparam>
public sealed class ObjectList<T>
{
    /// <summary>Version of the list, and how to go on where it is a page.</summary>
    [JsonPropertyName("metadata")]
    public V1ListMeta Metadata { get; set; } = new();

    /// <summary>The objects.</summary>
    [JsonPropertyName("items")]
    public IList<T> Items { get; set; } = [];
}
