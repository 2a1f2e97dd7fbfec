using TaaS.Jobs;

namespace TaaS.Scheduling.Model;

/// <summary>
/// Amounts by resource name, in whole units: <c>cpu</c> in thousandths of a core, everything else in its base unit (bytes, devices, pods).
/// Requests are rounded up and capacities down, so that rounding never over-commits a node.
/// </summary>
public sealed class ResourceList
{
    private readonly Dictionary<string, long> _amounts;

    /// <summary>Takes amounts in whole units; zeros are left out.</summary>
    public ResourceList(IEnumerable<KeyValuePair<string, long>> amounts) =>
        _amounts = amounts.Where(static entry => entry.Value != 0).ToDictionary(StringComparer.Ordinal);

    private ResourceList(Dictionary<string, long> amounts) => _amounts = amounts;

    /// <summary>Nothing.</summary>
    public static ResourceList Empty { get; } = new([]);

    /// <summary>Every resource with an amount.</summary>
    public IReadOnlyDictionary<string, long> Amounts => _amounts;

    /// <summary>The same, for loops that must not allocate.</summary>
    internal Dictionary<string, long> Entries => _amounts;

    /// <summary>The amount of a resource; 0 where it is not named.</summary>
    public long this[string resource] => _amounts.GetValueOrDefault(resource);

    /// <summary>Takes a dictionary over that has no zeros.</summary>
    internal static ResourceList Owning(Dictionary<string, long> amounts) => new(amounts);

    /// <summary>What a pod asks for.</summary>
    public static ResourceList Requests(IEnumerable<KeyValuePair<string, Quantity>> quantities) =>
        new(quantities.Select(static entry => KeyValuePair.Create(entry.Key, (long)Math.Min(long.MaxValue, decimal.Ceiling(entry.Value.Value * Scale(entry.Key))))));

    /// <summary>What a node or a quota offers.</summary>
    public static ResourceList Capacity(IEnumerable<KeyValuePair<string, Quantity>> quantities) =>
        new(quantities.Select(static entry => KeyValuePair.Create(entry.Key, (long)Math.Min(long.MaxValue, decimal.Floor(entry.Value.Value * Scale(entry.Key))))));

    /// <summary>The sum of both.</summary>
    public ResourceList Plus(ResourceList other)
    {
        var sum = new Dictionary<string, long>(_amounts, StringComparer.Ordinal);
        foreach (var (name, amount) in other._amounts)
        {
            sum[name] = sum.GetValueOrDefault(name) + amount;
        }

        return Owning(sum);
    }

    /// <summary>Units in one base unit of the resource.</summary>
    public static decimal Scale(string resource) => resource == "cpu" ? 1000 : 1;
}
