using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;

namespace TaaS.Kubernetes;

/// <summary>
/// Passes over <c>metadata.managedFields</c>: who wrote which field is for server-side apply, takes up half of an object, and nobody here asks.
/// An object that is written without them keeps those it has.
/// </summary>
internal sealed class ManagedFieldsConverter : JsonConverter<IList<V1ManagedFieldsEntry>>
{
    /// <inheritdoc/>
    public override IList<V1ManagedFieldsEntry>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // The whole value is at hand, though more of the object may be to come.
        return reader.TrySkip() ? null : throw new JsonException();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IList<V1ManagedFieldsEntry> value, JsonSerializerOptions options) => writer.WriteNullValue();
}
