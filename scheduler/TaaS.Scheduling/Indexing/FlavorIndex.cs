using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Indexing;

/// <summary>Flavors by number, in the order of their names: those that exist, and those that a quota or a placement names although they do not.</summary>
internal sealed class FlavorIndex
{
    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);

    internal FlavorIndex(ClusterSnapshot snapshot)
    {
        var flavors = new SortedDictionary<string, ResourceFlavor?>(StringComparer.Ordinal);
        foreach (var flavor in snapshot.Flavors)
        {
            flavors.TryAdd(flavor.Name, flavor);
        }

        foreach (var quota in snapshot.Queues.SelectMany(static queue => queue.Spec.Quotas))
        {
            flavors.TryAdd(quota.Flavor, null);
        }

        var last = "";
        foreach (var gang in snapshot.Gangs)
        {
            for (var pod = 0; pod < gang.Placement?.Pods.Count; pod++)
            {
                if (gang.Placement.Pods[pod].Flavor is var name && name != last)
                {
                    flavors.TryAdd(name, null);
                    last = name;
                }
            }
        }

        Flavors = [.. flavors.Values];
        Names = [.. flavors.Keys];
        for (var index = 0; index < Names.Length; index++)
        {
            _indices[Names[index]] = index;
        }
    }

    /// <summary>Null for one that is only named.</summary>
    internal ResourceFlavor?[] Flavors { get; }

    internal string[] Names { get; }

    internal int Count => Names.Length;

    internal int Find(string name) => _indices.GetValueOrDefault(name, -1);

    /// <summary>A quota in whole units.</summary>
    internal static long Units(string resource, Quantity quantity) =>
        (long)Math.Min(Amount.Most, decimal.Floor(Math.Min(quantity.Value, Amount.Most) * ResourceList.Scale(resource)));
}
