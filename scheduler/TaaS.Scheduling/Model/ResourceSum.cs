using System.Runtime.InteropServices;

namespace TaaS.Scheduling.Model;

/// <summary>Adds up resource lists, many times faster than <see cref="ResourceList.Plus"/> where there are many.</summary>
public sealed class ResourceSum
{
    private readonly Dictionary<string, long> _amounts = new(StringComparer.Ordinal);

    /// <summary>Adds a list, so many times.</summary>
    public void Add(ResourceList list, int times = 1)
    {
        foreach (var (name, amount) in list.Entries)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_amounts, name, out _) += amount * times;
        }
    }

    /// <summary>The sum so far.</summary>
    public ResourceList ToList() => new(_amounts);
}
