using System.Runtime.InteropServices;

namespace TaaS.Scheduling.Model;

/// <summary>Adds up resource lists by a name, such as a node's; many times faster than <see cref="ResourceList.Plus"/> where there are many.</summary>
public sealed class ResourceSums
{
    private readonly Dictionary<string, Dictionary<string, long>> _sums = new(StringComparer.Ordinal);

    /// <summary>Names with a sum.</summary>
    public IEnumerable<string> Names => _sums.Keys;

    /// <summary>The sum of a name so far; nothing where none was added.</summary>
    public ResourceList this[string name] =>
        _sums.TryGetValue(name, out var sum) ? ResourceList.Owning(new Dictionary<string, long>(sum, StringComparer.Ordinal)) : ResourceList.Empty;

    /// <summary>Adds a list to the sum of a name, so many times.</summary>
    /// <param name="name">The name.</param>
    /// <param name="list">What is added.</param>
    /// <param name="times">At least 1.</param>
    public void Add(string name, ResourceList list, int times = 1)
    {
        if (!_sums.TryGetValue(name, out var sum))
        {
            _sums[name] = sum = new Dictionary<string, long>(StringComparer.Ordinal);
        }

        foreach (var (resource, amount) in list.Entries)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(sum, resource, out _) += amount * times;
        }
    }
}
