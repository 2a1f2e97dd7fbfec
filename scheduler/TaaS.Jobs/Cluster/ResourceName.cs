namespace TaaS.Jobs;

/// <summary>Names of what containers ask for. <b>Source</b>: Kubernetes API, core/v1 ResourceName.</summary>
public static class ResourceName
{
    /// <summary>Processor cores.</summary>
    public const string Cpu = "cpu";

    /// <summary>Main memory.</summary>
    public const string Memory = "memory";

    /// <summary>Disk of the node.</summary>
    public const string EphemeralStorage = "ephemeral-storage";

    private const string HugePages = "hugepages-";

    /// <summary>A device plugin's or another's resource, of which there are whole ones only: one with a domain, such as <c>nvidia.com/gpu</c>.</summary>
    public static bool IsExtended(string name) => name.Contains('/', StringComparison.Ordinal);

    /// <summary>Must its limit equal its request?</summary>
    public static bool NeedsLimit(string name) => IsExtended(name) || name.StartsWith(HugePages, StringComparison.Ordinal);
}
