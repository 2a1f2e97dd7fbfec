using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Placing;

/// <summary>Pods to be placed, all or none.</summary>
/// <param name="Gang">Whose they are.</param>
/// <param name="Flavors">Flavor of every set of the gang.</param>
/// <param name="Counts">How many pods of every set.</param>
internal sealed record PlacementRequest(GangEntry Gang, int[] Flavors, int[] Counts);
