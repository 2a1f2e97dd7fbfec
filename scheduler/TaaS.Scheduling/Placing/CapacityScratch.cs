using System.Numerics;
using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Placing;

/// <summary>
/// How many pods of the set at hand fit on each node, in every world that counts and beside the pods of the same gang that already have a node here.
/// One array is used over and over.
/// </summary>
internal sealed class CapacityScratch(SnapshotIndex index)
{
    private readonly int[] _capacities = new int[index.Nodes.Count];
    private readonly long[] _taken = new long[index.Nodes.Count * index.Resources.Count];
    private readonly List<int> _takenNodes = [];
    private readonly long[] _left = new long[index.Resources.Count];

    /// <summary>By node.</summary>
    internal int[] Capacities => _capacities;

    /// <summary>Forgets the last gang.</summary>
    internal void Clear()
    {
        foreach (var node in _takenNodes)
        {
            _taken.AsSpan(node * _left.Length, _left.Length).Clear();
        }

        _takenNodes.Clear();
    }

    /// <summary>Works out the capacities for pods of a shape.</summary>
    internal void Fill(PodShape shape, GangEntry gang, ReadOnlySpan<World> worlds)
    {
        worlds[0].Capacities(shape).ByNode.CopyTo(_capacities, 0);
        foreach (var world in worlds[1..])
        {
            Least(_capacities, world.Capacities(shape).ByNode);
        }

        foreach (var node in _takenNodes)
        {
            _capacities[node] = Beside(shape, node, worlds);
        }

        foreach (var name in gang.Gang.ExcludedNodes)
        {
            if (index.Nodes.Find(name) is var node and >= 0)
            {
                _capacities[node] = 0;
            }
        }
    }

    /// <summary>Pods of the gang take their room on a node.</summary>
    internal void Take(PodShape shape, int node, int count)
    {
        _capacities[node] -= count;
        _takenNodes.Add(node);
        foreach (var resource in shape.Resources)
        {
            _taken[node * _left.Length + resource] += shape.Request[resource] * count;
        }
    }

    private static void Least(int[] into, int[] other)
    {
        var index = 0;
        for (; index <= into.Length - Vector<int>.Count; index += Vector<int>.Count)
        {
            Vector.Min(new Vector<int>(into, index), new Vector<int>(other, index)).CopyTo(into, index);
        }

        for (; index < into.Length; index++)
        {
            into[index] = Math.Min(into[index], other[index]);
        }
    }

    private int Beside(PodShape shape, int node, ReadOnlySpan<World> worlds)
    {
        var capacity = int.MaxValue;
        foreach (var world in worlds)
        {
            if (!world.Admits(shape, node))
            {
                return 0;
            }

            var free = world.Free(node);
            for (var resource = 0; resource < _left.Length; resource++)
            {
                _left[resource] = free[resource] - _taken[node * _left.Length + resource];
            }

            capacity = Math.Min(capacity, shape.Capacity(_left));
        }

        return capacity;
    }
}
