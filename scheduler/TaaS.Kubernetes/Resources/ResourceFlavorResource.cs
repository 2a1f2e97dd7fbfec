using TaaS.Jobs;

namespace TaaS.Kubernetes;

/// <summary>A flavor on a cluster.</summary>
public sealed class ResourceFlavorResource : CustomResource
{
    private readonly Lazy<ResourceFlavor> _flavor;

    /// <summary>Makes an empty one.</summary>
    public ResourceFlavorResource()
    {
        Kind = ResourceFlavor.Kind;
        _flavor = new(() => ResourceFlavor.FromSpec(Metadata.Name, Spec));
    }

    /// <summary>The flavor as the same text in a file would be read.</summary>
    /// <exception cref="JobException">The spec does not hold.</exception>
    public ResourceFlavor Read() => _flavor.Value;
}
