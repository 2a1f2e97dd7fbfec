using System.Text.Json.Serialization;

namespace TaaS.Runtime.Observability;

/// <summary>JSON of log lines. Generated code, since programs compiled ahead of time have no reflection for it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LogFormat.Entry))]
internal sealed partial class LogJson : JsonSerializerContext;

/// <summary>JSON of <c>roles.json</c>, for human eyes too.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(RoleDirectory.Content))]
internal sealed partial class RolesJson : JsonSerializerContext;
