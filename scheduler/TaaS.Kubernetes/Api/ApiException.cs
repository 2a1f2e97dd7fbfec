using System.Net;
using System.Text.Json;

namespace TaaS.Kubernetes;

/// <summary>An API server refused a request, or did not answer.</summary>
public sealed class ApiException : Exception
{
    /// <summary>Makes the error.</summary>
    public ApiException(ApiFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    /// <summary>What kind it is of.</summary>
    public ApiFailure Failure { get; }

    /// <summary>How long the server asks to wait; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Reads an answer that is no success.</summary>
    internal static async Task<ApiException> FromAsync(HttpResponseMessage response, string what, CancellationToken cancel)
    {
        var body = await response.Content.ReadAsStringAsync(cancel).ConfigureAwait(false);
        var (reason, message) = ReadStatus(body);
        return new ApiException(Classify(response.StatusCode, reason), $"{what}: {message ?? $"{(int)response.StatusCode} {response.ReasonPhrase}"}")
        {
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }

    /// <summary>What an answer's code and reason mean.</summary>
    internal static ApiFailure Classify(HttpStatusCode code, string? reason) => code switch
    {
        HttpStatusCode.Conflict when reason == "AlreadyExists" => ApiFailure.AlreadyExists,
        HttpStatusCode.Conflict => ApiFailure.Conflict,
        HttpStatusCode.NotFound => ApiFailure.NotFound,
        HttpStatusCode.Gone => ApiFailure.Gone,
        HttpStatusCode.Forbidden => ApiFailure.Forbidden,
        HttpStatusCode.Unauthorized => ApiFailure.Unauthorized,
        HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout => ApiFailure.Transient,
        >= HttpStatusCode.InternalServerError => ApiFailure.Transient,
        _ => ApiFailure.Invalid,
    };

    private static (string? Reason, string? Message) ReadStatus(string body)
    {
        try
        {
            using var status = JsonDocument.Parse(body);
            return status.RootElement.ValueKind == JsonValueKind.Object ? (Text("reason"), Text("message")) : (null, null);

            string? Text(string name) => status.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (JsonException)
        {
            // A proxy's page, or nothing.
            return (null, null);
        }
    }
}
