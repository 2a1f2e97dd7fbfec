using k8s;
using k8s.Models;

namespace TaaS.Kubernetes;

/// <summary>Where objects of one kind live on an API server.</summary>
/// <typeparam name="T">Their type here.</typeparam>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">Version of the group.</param>
/// <param name="Plural">Name of the collection, such as <c>trainingjobs</c>.</param>
/// <param name="IsNamespaced">False for kinds of the cluster as a whole.</param>
public sealed record ResourceKind<T>(string Group, string Version, string Plural, bool IsNamespaced)
    where T : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Group and version as they stand in an object's <c>apiVersion</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Name for messages, such as <c>trainingjobs.taas.dev</c>.</summary>
    public string FullName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>Path of the collection, an object, or a part of it, below the server's root.</summary>
    /// <param name="space">Namespace; null for all of them.</param>
    /// <param name="name">Name of the object; null for the collection.</param>
    /// <param name="subresource">Part of the object, such as <c>status</c>.</param>
    public string Path(string? space = null, string? name = null, string? subresource = null)
    {
        var path = Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";
        path = IsNamespaced && space is not null ? $"{path}/namespaces/{Uri.EscapeDataString(space)}/{Plural}" : $"{path}/{Plural}";
        path = name is null ? path : $"{path}/{Uri.EscapeDataString(name)}";
        return subresource is null ? path : $"{path}/{subresource}";
    }
}
