using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Simulation;

/// <summary>Counts devices: resources of device plugins, such as <c>nvidia.com/gpu</c> and <c>nvidia.com/mig-1g.10gb</c>.</summary>
internal static class Devices
{
    public static long Count(ResourceList resources)
    {
        var count = 0L;
        foreach (var (name, amount) in resources.Amounts)
        {
            count += ResourceName.IsExtended(name) ? amount : 0;
        }

        return count;
    }
}
