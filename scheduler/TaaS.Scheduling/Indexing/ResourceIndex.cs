using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Indexing;

/// <summary>A number for every resource that any gang asks for; <c>pods</c> is the first. What nobody asks for needs no room in any array.</summary>
internal sealed class ResourceIndex
{
    /// <summary>Index of <c>pods</c>, of which every pod takes one.</summary>
    internal const int Pods = 0;

    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);

    internal ResourceIndex(ClusterSnapshot snapshot)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var gang in snapshot.Gangs)
        {
            for (var set = 0; set < gang.PodSets.Count; set++)
            {
                foreach (var (name, _) in gang.PodSets[set].Requests.Entries)
                {
                    names.Add(name);
                }
            }
        }

        names.Remove("pods");
        Names = ["pods", .. names.Order(StringComparer.Ordinal)];
        IsAccelerator = [.. Names.Select(IsDevice)];
        for (var index = 0; index < Names.Length; index++)
        {
            _indices[Names[index]] = index;
        }
    }

    internal string[] Names { get; }

    /// <summary>Is it a device of a node, such as a GPU or a part of one?</summary>
    internal bool[] IsAccelerator { get; }

    internal int Count => Names.Length;

    /// <summary>Index of a resource; −1 where no gang asks for it.</summary>
    internal int Find(string name) => _indices.GetValueOrDefault(name, -1);

    /// <summary>What a node offers or others use of it, by index.</summary>
    /// <returns>Is there any device among it?</returns>
    internal bool Offered(ResourceList list, Span<long> amounts)
    {
        var hasDevice = false;
        foreach (var (name, amount) in list.Entries)
        {
            if (_indices.TryGetValue(name, out var index))
            {
                amounts[index] = Amount.Offered(amount);
                hasDevice |= IsAccelerator[index];
            }
            else
            {
                hasDevice |= IsDevice(name);
            }
        }

        return hasDevice;
    }

    /// <summary>What one pod takes, by index.</summary>
    internal void Asked(ResourceList list, Span<long> amounts)
    {
        amounts.Clear();
        foreach (var (name, amount) in list.Entries)
        {
            amounts[_indices[name]] = Amount.Asked(amount);
        }

        amounts[Pods] = 1;
    }

    /// <summary>Extended resources carry a domain; those of Kubernetes itself, such as attachable volumes, are no devices.</summary>
    internal static bool IsDevice(string name) => name.Contains('/', StringComparison.Ordinal) && !name.Contains("kubernetes.io/", StringComparison.Ordinal);
}
