using System.Runtime.InteropServices;

namespace TaaS.Scheduling.Model;

/// <summary>Adds up resource lists, many times faster than <see cref="ResourceList.Plus"/> where there are many.</summary>
public sealed class ResourceSum
{
    private readonly Dictionary<string, long> _amounts = new(StringComparer.Ordinal);

    /// <summary>Adds a list, so many times.</summary>
    /// <param name="list">What is added.</param>
    /// <param name="times">At least 1.</param>
    public void Add(ResourceList list, int times = 1)
    {
        foreach (var (name, amount) in list.Entries)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_amounts, name, out _) += amount * times;
        }
    }

    /// <summary>The sum so far.</summary>
    public ResourceList ToList() => ResourceList.Owning(new Dictionary<string, long>(_amounts, StringComparer.Ordinal));
}
