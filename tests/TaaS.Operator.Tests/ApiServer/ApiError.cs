using System.Text.Json.Nodes;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>A refusal, as the real server words it.</summary>
internal sealed class ApiError(int code, string reason, string message) : Exception(message)
{
    public int Code { get; } = code;

    public string Reason { get; } = reason;

    public JsonObject ToStatus() => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = Message,
        ["reason"] = Reason,
        ["code"] = Code,
    };

    public static ApiError NotFound(ApiResource kind, string name) => new(404, "NotFound", $"{kind.FullName} \"{name}\" not found");

    public static ApiError NoSuchPath() => new(404, "NotFound", "the server could not find the requested resource");

    public static ApiError AlreadyExists(ApiResource kind, string name) => new(409, "AlreadyExists", $"{kind.FullName} \"{name}\" already exists");

    public static ApiError Conflict(ApiResource kind, string name, string why) => new(409, "Conflict", $"Operation cannot be fulfilled on {kind.FullName} \"{name}\": {why}");

    public static ApiError Stale(ApiResource kind, string name) => Conflict(kind, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiError Expired(string message) => new(410, "Expired", message);

    public static ApiError Invalid(ApiResource kind, string name, string why) => new(422, "Invalid", $"{kind.Kind}.{kind.Group} \"{name}\" is invalid: {why}");

    public static ApiError BadRequest(string why) => new(400, "BadRequest", why);
}
