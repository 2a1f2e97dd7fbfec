using System.Globalization;
using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Explaining;

/// <summary>Amounts as people write them.</summary>
internal static class Units
{
    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];

    /// <summary>An amount of a resource: cores with up to three decimals, bytes in the largest unit that keeps it whole, devices as they are.</summary>
    internal static string Say(string resource, long amount)
    {
        if (resource == "cpu")
        {
            return (amount / 1000m).ToString("0.###", CultureInfo.InvariantCulture);
        }

        if (resource is not ("memory" or "ephemeral-storage") && !resource.StartsWith("hugepages-", StringComparison.Ordinal))
        {
            return amount.ToString(CultureInfo.InvariantCulture);
        }

        var unit = 0;
        while (unit + 1 < Binary.Length && amount != 0 && amount % 1024 == 0)
        {
            amount /= 1024;
            unit++;
        }

        return amount.ToString(CultureInfo.InvariantCulture) + Binary[unit];
    }

    /// <summary><c>1 pod</c>, <c>2 pods</c>.</summary>
    internal static string Pods(int count) => count == 1 ? "1 pod" : string.Create(CultureInfo.InvariantCulture, $"{count} pods");

    /// <summary>What one pod of a role takes: <c>1 nvidia.com/gpu, 8 cpu, 32Gi memory</c>.</summary>
    internal static string Describe(GangSet set, ResourceIndex resources)
    {
        var parts = Enumerable.Range(ResourceIndex.Pods + 1, resources.Count - 1).Where(resource => set.Request[resource] > 0)
            .OrderByDescending(resource => resources.IsAccelerator[resource]).Select(resource => $"{Say(resources.Names[resource], set.Request[resource])} {resources.Names[resource]}").ToArray();
        return parts.Length == 0 ? "no resources" : string.Join(", ", parts);
    }
}
