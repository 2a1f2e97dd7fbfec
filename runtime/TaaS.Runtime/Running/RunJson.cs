using System.Text.Json.Serialization;

namespace TaaS.Runtime;

/// <summary>JSON of what is one object a line: messages of roles, <c>metrics.jsonl</c>. Generated code, since programs compiled ahead of time have no reflection for it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RoleMessage))]
[JsonSerializable(typeof(MetricsLog.Entry))]
internal sealed partial class LineJson : JsonSerializerContext;

/// <summary>JSON of <c>result.json</c>, for human eyes too.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = true)]
[JsonSerializable(typeof(RunResult))]
internal sealed partial class ResultJson : JsonSerializerContext;
