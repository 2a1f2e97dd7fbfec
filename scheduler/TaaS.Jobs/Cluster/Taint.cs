namespace TaaS.Jobs;

/// <summary>What a node keeps pods away with. <b>Source</b>: Kubernetes API, core/v1 Taint.</summary>
/// <param name="Key">Name, such as <c>nvidia.com/gpu</c>.</param>
/// <param name="Value">Value; empty for none.</param>
/// <param name="Effect"><c>NoSchedule</c>, <c>PreferNoSchedule</c> or <c>NoExecute</c>.</param>
public sealed record Taint(string Key, string Value, string Effect)
{
    /// <summary>Kept off unless tolerated.</summary>
    public const string NoSchedule = "NoSchedule";

    /// <summary>Kept off where another node will do.</summary>
    public const string PreferNoSchedule = "PreferNoSchedule";

    /// <summary>Kept off, and put out when already there.</summary>
    public const string NoExecute = "NoExecute";
}

/// <summary>A taint that a pod puts up with. <b>Source</b>: Kubernetes API, core/v1 Toleration.</summary>
/// <param name="Key">Key of the taint; empty with <c>Exists</c> stands for every taint.</param>
/// <param name="Operator"><c>Equal</c> or <c>Exists</c>.</param>
/// <param name="Value">With <c>Equal</c>, the taint's value.</param>
/// <param name="Effect">Effect of the taint; empty for all.</param>
/// <param name="Seconds">With <c>NoExecute</c>, how long the pod stays; null for ever.</param>
public sealed record Toleration(string Key, string Operator = "Equal", string Value = "", string Effect = "", long? Seconds = null)
{
    /// <summary>Does this put up with the taint?</summary>
    public bool Tolerates(Taint taint) =>
        (Effect.Length == 0 || Effect == taint.Effect)
        && (Key.Length == 0 ? Operator == "Exists" : Key == taint.Key)
        && (Operator == "Exists" || Value == taint.Value);
}
