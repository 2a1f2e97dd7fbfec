using System.Buffers;
using System.Net;
using System.Text.Json;
using k8s;

namespace TaaS.Kubernetes;

/// <summary>What happened to an object.</summary>
public enum WatchEventKind
{
    /// <summary>It is new.</summary>
    Added,

    /// <summary>It has changed.</summary>
    Modified,

    /// <summary>It is gone; its last state comes along.</summary>
    Deleted,

    /// <summary>Nothing; all changes up to the object's version have been told.</summary>
    Bookmark,
}

/// <summary>A change told by a watch.</summary>
/// <typeparam name="T">Type of the objects.</typeparam>
/// <param name="Kind">What happened.</param>
/// <param name="Item">The object after it.</param>
public sealed record WatchEvent<T>(WatchEventKind Kind, T Item)
{
    /// <summary>Reads one line of a watch.</summary>
    /// <exception cref="ApiException">The server ended the watch with an error, or the line is none of a watch.</exception>
    internal static WatchEvent<T> Parse(ReadOnlySequence<byte> line, string what)
    {
        try
        {
            using var json = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = ApiClient.MaxDepth });
            var item = json.RootElement.GetProperty("object");
            var kind = json.RootElement.GetProperty("type").GetString() switch
            {
                "ADDED" => WatchEventKind.Added,
                "MODIFIED" => WatchEventKind.Modified,
                "DELETED" => WatchEventKind.Deleted,
                "BOOKMARK" => WatchEventKind.Bookmark,
                "ERROR" => throw Error(item, what),
                var other => throw new JsonException($"unknown type {other}"),
            };
            return new WatchEvent<T>(kind, KubernetesJson.Deserialize<T>(item));
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ApiException(ApiFailure.Transient, $"{what}: a line is not as expected: {error.Message}", error);
        }
    }

    private static ApiException Error(JsonElement status, string what)
    {
        var code = status.TryGetProperty("code", out var number) && number.TryGetInt32(out var value) ? value : (int)HttpStatusCode.InternalServerError;
        var message = status.TryGetProperty("message", out var text) ? text.GetString() : null;
        return new ApiException(ApiException.Classify((HttpStatusCode)code, null), $"{what}: {message ?? $"ended with {code}"}");
    }
}
