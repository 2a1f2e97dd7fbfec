using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Placing;

/// <summary>In which order the roles of a gang look for nodes, and which of them have to be near each other.</summary>
internal sealed class GangPlan
{
    private readonly bool[] _isLocal;

    internal GangPlan(PlacementRequest request, PodShape[] shapes)
    {
        (Request, Shapes) = (request, shapes);
        var gang = request.Gang;
        // Whoever has the scarcest needs goes first; servers, which may go anywhere, last.
        Order = [.. Enumerable.Range(0, shapes.Length)];
        Array.Sort(Order, (left, right) =>
            shapes[left].WantsAccelerator != shapes[right].WantsAccelerator ? (shapes[left].WantsAccelerator ? -1 : 1)
            : gang.Sets[left].Set.IsSpread != gang.Sets[right].Set.IsSpread ? (gang.Sets[left].Set.IsSpread ? 1 : -1)
            : shapes[left].Nodes.Length != shapes[right].Nodes.Length ? shapes[left].Nodes.Length.CompareTo(shapes[right].Nodes.Length)
            : left.CompareTo(right));
        // Those that compute; all of them where the gang says so, or where none has a device.
        var all = gang.Gang.TopologyKey is not null || !shapes.Any(static shape => shape.WantsAccelerator);
        _isLocal = [.. shapes.Select(shape => all || shape.WantsAccelerator)];
    }

    internal PlacementRequest Request { get; }

    internal PodShape[] Shapes { get; }

    /// <summary>Sets by turn.</summary>
    internal int[] Order { get; }

    internal bool IsLocal(int set) => _isLocal[set] && Request.Counts[set] > 0;
}
