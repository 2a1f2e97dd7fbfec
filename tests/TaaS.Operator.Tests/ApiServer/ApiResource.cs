namespace TaaS.Operator.Tests.ApiServer;

/// <summary>A kind that the server keeps.</summary>
internal sealed record ApiResource(string Group, string Version, string Kind, string Plural, bool IsNamespaced)
{
    public string[] ShortNames { get; init; } = [];

    /// <summary>Status is a part of its own: the main path leaves it as it is, the status path changes nothing else.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Path of the replica count within the object, such as <c>spec.replicas</c>; null for none.</summary>
    public string? SpecReplicasPath { get; init; }

    public string? StatusReplicasPath { get; init; }

    public string? SelectorPath { get; init; }

    public bool IsCustom { get; init; }

    /// <summary>Names are DNS labels, not subdomains.</summary>
    public bool NeedsLabelName { get; init; }

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public string FullName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public static IReadOnlyList<ApiResource> BuiltIn { get; } =
    [
        new("", "v1", "Namespace", "namespaces", false) { ShortNames = ["ns"], HasStatus = true, NeedsLabelName = true },
        new("", "v1", "Node", "nodes", false) { ShortNames = ["no"], HasStatus = true },
        new("", "v1", "Pod", "pods", true) { ShortNames = ["po"], HasStatus = true },
        new("", "v1", "Service", "services", true) { ShortNames = ["svc"], HasStatus = true, NeedsLabelName = true },
        new("", "v1", "Secret", "secrets", true),
        new("", "v1", "ConfigMap", "configmaps", true) { ShortNames = ["cm"] },
        new("", "v1", "Event", "events", true) { ShortNames = ["ev"] },
        new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true) { ShortNames = ["pvc"], HasStatus = true },
        new("coordination.k8s.io", "v1", "Lease", "leases", true),
        new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false) { ShortNames = ["crd"], HasStatus = true },
        new("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", false),
        new("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false),
    ];
}
