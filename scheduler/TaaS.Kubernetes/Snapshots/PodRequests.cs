using System.Runtime.CompilerServices;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Kubernetes;

/// <summary>
/// What a pod holds of its node: the greater of what its containers ask for together and what any init container asks for,
/// and the overhead of its runtime class; init containers that stay count with the containers. <b>Source</b>: Kubernetes, pod resource requests.
/// </summary>
public static class PodRequests
{
    private const string Pods = "pods";

    // Pods in the cache are never changed, so what was added up once holds.
    private static readonly ConditionalWeakTable<V1Pod, ResourceList> Known = [];

    /// <summary>Its requests, and one of <c>pods</c>.</summary>
    public static ResourceList Of(V1Pod pod) => Known.GetValue(pod, static pod => Add(pod));

    /// <summary>Kubernetes quantities as ours.</summary>
    public static IEnumerable<KeyValuePair<string, Quantity>> Quantities(IDictionary<string, ResourceQuantity>? amounts)
    {
        foreach (var (name, amount) in amounts ?? new Dictionary<string, ResourceQuantity>())
        {
            if (Quantity.TryParse(amount.ToString(), out var quantity))
            {
                yield return KeyValuePair.Create(name, quantity);
            }
        }
    }

    private static ResourceList Add(V1Pod pod)
    {
        var running = (pod.Spec.Containers ?? []).Select(Requests).Aggregate(ResourceList.Empty, static (sum, next) => sum.Plus(next));
        var most = ResourceList.Empty;
        var staying = ResourceList.Empty;
        foreach (var container in pod.Spec.InitContainers ?? [])
        {
            if (container.RestartPolicy == "Always")
            {
                staying = staying.Plus(Requests(container));
                most = Greatest(most, staying);
            }
            else
            {
                most = Greatest(most, staying.Plus(Requests(container)));
            }
        }

        var overhead = ResourceList.Requests(Quantities(pod.Spec.Overhead));
        return Greatest(running.Plus(staying), most).Plus(overhead).Plus(new ResourceList([KeyValuePair.Create(Pods, 1L)]));
    }

    private static ResourceList Requests(V1Container container) => ResourceList.Requests(Quantities(container.Resources?.Requests));

    private static ResourceList Greatest(ResourceList a, ResourceList b) =>
        new(a.Amounts.Keys.Union(b.Amounts.Keys).Select(name => KeyValuePair.Create(name, Math.Max(a[name], b[name]))));
}
