using TaaS.Jobs;

namespace TaaS.Kubernetes;

/// <summary>A flavor on a cluster.</summary>
public sealed class ResourceFlavorResource : CustomResource
{
    /// <summary>Makes an empty one.</summary>
    public ResourceFlavorResource() => Kind = ResourceFlavor.Kind;

    /// <summary>The flavor as the same text in a file would be read.</summary>
    /// <exception cref="JobException">The spec does not hold.</exception>
    public ResourceFlavor Read() => ResourceFlavor.FromSpec(Metadata.Name, Spec);
}
