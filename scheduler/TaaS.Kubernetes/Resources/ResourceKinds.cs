using k8s.Models;
using TaaS.Jobs;

namespace TaaS.Kubernetes;

/// <summary>The kinds that operator and command line work with.</summary>
public static class ResourceKinds
{
    /// <summary>Training jobs.</summary>
    public static ResourceKind<TrainingJobResource> TrainingJobs { get; } = new(TrainingJob.Group, TrainingJob.Version, "trainingjobs", true);

    /// <summary>Queues.</summary>
    public static ResourceKind<QueueResource> Queues { get; } = new(TrainingJob.Group, TrainingJob.Version, "queues", false);

    /// <summary>Flavors.</summary>
    public static ResourceKind<ResourceFlavorResource> ResourceFlavors { get; } = new(TrainingJob.Group, TrainingJob.Version, "resourceflavors", false);

    /// <summary>Pods.</summary>
    public static ResourceKind<V1Pod> Pods { get; } = new("", "v1", "pods", true);

    /// <summary>Nodes.</summary>
    public static ResourceKind<V1Node> Nodes { get; } = new("", "v1", "nodes", false);

    /// <summary>Services.</summary>
    public static ResourceKind<V1Service> Services { get; } = new("", "v1", "services", true);

    /// <summary>Secrets.</summary>
    public static ResourceKind<V1Secret> Secrets { get; } = new("", "v1", "secrets", true);

    /// <summary>Namespaces.</summary>
    public static ResourceKind<V1Namespace> Namespaces { get; } = new("", "v1", "namespaces", false);

    /// <summary>Events.</summary>
    public static ResourceKind<Corev1Event> Events { get; } = new("", "v1", "events", true);

    /// <summary>Leases.</summary>
    public static ResourceKind<V1Lease> Leases { get; } = new("coordination.k8s.io", "v1", "leases", true);

    /// <summary>Definitions of custom kinds.</summary>
    public static ResourceKind<V1CustomResourceDefinition> CustomResourceDefinitions { get; } = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", false);

    /// <summary>Webhooks that may change what is submitted.</summary>
    public static ResourceKind<V1MutatingWebhookConfiguration> MutatingWebhooks { get; } = new("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", false);

    /// <summary>Webhooks that may refuse what is submitted.</summary>
    public static ResourceKind<V1ValidatingWebhookConfiguration> ValidatingWebhooks { get; } = new("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", false);
}
