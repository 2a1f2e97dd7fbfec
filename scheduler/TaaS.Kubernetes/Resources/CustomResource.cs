using System.Text.Json;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using TaaS.Jobs;

namespace TaaS.Kubernetes;

/// <summary>An object of one of our kinds as the API server has it: the spec stays JSON, so that nothing in it is lost before it is checked.</summary>
public abstract class CustomResource : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Group and version.</summary>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = TrainingJob.ApiVersion;

    /// <summary>Kind.</summary>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    /// <summary>Name, namespace, labels, versions.</summary>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What the user wrote.</summary>
    [JsonPropertyName("spec")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Spec { get; set; }

    /// <summary>What the operator found.</summary>
    [JsonPropertyName("status")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Status { get; set; }

    /// <summary>The status; an empty one where there is none, or where somebody wrote nonsense there: the operator writes what is true.</summary>
    private protected TStatus StatusAs<TStatus>(Func<JsonElement, TStatus> read)
        where TStatus : new()
    {
        try
        {
            return Status is { ValueKind: JsonValueKind.Object } json ? read(json) : new TStatus();
        }
        catch (JsonException)
        {
            return new TStatus();
        }
    }
}
