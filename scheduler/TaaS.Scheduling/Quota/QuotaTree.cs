using TaaS.Jobs;
using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Quota;

/// <summary>
/// Queues as the leaves of their cohorts' paths, with what each may use of every flavor and resource ("cell"). Queues come first, by name; cohorts follow.
/// <b>Source</b>: Kueue, hierarchical cohorts; borrowing and lending limits there mean the same.
/// </summary>
internal sealed class QuotaTree
{
    private readonly Dictionary<string, int> _queues = new(StringComparer.Ordinal);

    internal QuotaTree(IEnumerable<Queue> queues, FlavorIndex flavors, ResourceIndex resources)
    {
        Queues = [.. queues.OrderBy(static queue => queue.Name, StringComparer.Ordinal).DistinctBy(static queue => queue.Name)];
        Resources = resources.Count;
        Cells = flavors.Count * Resources;
        var parents = new List<int>();
        var cohorts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var queue in Queues)
        {
            for (var path = Path(queue.Spec.Cohort); path.Length > 0; path = ParentPath(path))
            {
                cohorts.TryAdd(path, 0);
            }
        }

        var number = Queues.Length;
        foreach (var path in cohorts.Keys.ToArray())
        {
            cohorts[path] = number++;
        }

        for (var index = 0; index < Queues.Length; index++)
        {
            _queues[Queues[index].Name] = index;
            parents.Add(Path(Queues[index].Spec.Cohort) is { Length: > 0 } path ? cohorts[path] : -1);
        }

        // A parent's path is shorter than its child's, so it stands before it; children are summed from the end.
        parents.AddRange(cohorts.Keys.Select(path => ParentPath(path) is { Length: > 0 } parent ? cohorts[parent] : -1));
        Parent = [.. parents];
        Name = [.. Queues.Select(static queue => queue.Name), .. cohorts.Keys];
        Weight = new double[Count];
        Root = new int[Count];
        Nominal = new long[Count * Cells];
        Local = new long[Queues.Length * Cells];
        Borrowing = new long[Queues.Length * Cells];
        IsNamed = new bool[Queues.Length * Cells];
        for (var queue = 0; queue < Queues.Length; queue++)
        {
            ReadQuota(queue, flavors, resources);
        }

        SumUp();
        Children = new int[Count][];
        for (var node = 0; node < Count; node++)
        {
            Root[node] = Parent[node] < 0 ? node : Root[node];
            Children[node] = [];
        }

        foreach (var group in Enumerable.Range(0, Count).Where(node => Parent[node] >= 0).GroupBy(node => Parent[node]))
        {
            Children[group.Key] = [.. group];
        }

        for (var node = 0; node < Count; node++)
        {
            var root = node;
            while (Parent[root] >= 0)
            {
                root = Parent[root];
            }

            Root[node] = root;
        }
    }

    /// <summary>Queues by number.</summary>
    internal Queue[] Queues { get; }

    internal int Resources { get; }

    /// <summary>Flavors times resources.</summary>
    internal int Cells { get; }

    /// <summary>Parent of a queue or cohort; −1 at the top.</summary>
    internal int[] Parent { get; }

    /// <summary>The uppermost ancestor, itself where it has no parent.</summary>
    internal int[] Root { get; }

    internal int[][] Children { get; }

    internal string[] Name { get; }

    /// <summary>A queue's own; a cohort's is the sum of its queues'.</summary>
    internal double[] Weight { get; }

    /// <summary>Of a queue its nominal quota, of a cohort what its members may use among them: all that they lend.</summary>
    internal long[] Nominal { get; }

    /// <summary>What a queue keeps for itself.</summary>
    internal long[] Local { get; }

    /// <summary>How much a queue may use beyond its nominal quota.</summary>
    internal long[] Borrowing { get; }

    /// <summary>Does the queue's quota name the cell?</summary>
    internal bool[] IsNamed { get; }

    internal int Count => Parent.Length;

    /// <summary>Number of a queue; −1 for one that is not there.</summary>
    internal int Find(string queue) => _queues.GetValueOrDefault(queue, -1);

    /// <summary>The most a queue could ever use of a cell, borrowing included.</summary>
    internal long Potential(int queue, int cell)
    {
        var at = queue * Cells + cell;
        if (IsUnlimited(queue, cell))
        {
            return long.MaxValue;
        }

        if (Parent[queue] < 0 || !IsNamed[at])
        {
            return Nominal[at];
        }

        var lent = Nominal[at] - Local[at];
        return Amount.Sum(Local[at], Math.Min(Nominal[Root[queue] * Cells + cell], Amount.Sum(lent, Borrowing[at])));
    }

    /// <summary>The number of pods counts only where the queue says so.</summary>
    internal bool IsUnlimited(int queue, int cell) => cell % Resources == ResourceIndex.Pods && !IsNamed[queue * Cells + cell];

    private static string Path(string cohort) => string.Join('/', cohort.Split('/', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string ParentPath(string path) => path.LastIndexOf('/') is var slash and > 0 ? path[..slash] : "";

    private void ReadQuota(int queue, FlavorIndex flavors, ResourceIndex resources)
    {
        var spec = Queues[queue].Spec;
        Weight[queue] = spec.Weight > 1e-6 ? spec.Weight : 1e-6;
        foreach (var quota in spec.Quotas)
        {
            foreach (var (name, limits) in quota.Resources)
            {
                var resource = resources.Find(name);
                if (resource < 0)
                {
                    continue;
                }

                var at = queue * Cells + flavors.Find(quota.Flavor) * Resources + resource;
                IsNamed[at] = true;
                Nominal[at] = FlavorIndex.Units(name, limits.Nominal);
                Local[at] = limits.LendingLimit is { } lending ? Math.Max(0, Nominal[at] - FlavorIndex.Units(name, lending)) : 0;
                Borrowing[at] = limits.BorrowingLimit is { } borrowing ? FlavorIndex.Units(name, borrowing) : Amount.Most;
            }
        }
    }

    private void SumUp()
    {
        for (var node = 0; node < Queues.Length; node++)
        {
            AddToParent(node, node * Cells);
        }

        for (var node = Count - 1; node >= Queues.Length; node--)
        {
            AddToParent(node, -1);
        }
    }

    private void AddToParent(int node, int local)
    {
        var parent = Parent[node];
        if (parent < 0)
        {
            return;
        }

        Weight[parent] += Weight[node];
        for (var cell = 0; cell < Cells; cell++)
        {
            var lent = Nominal[node * Cells + cell] - (local < 0 ? 0 : Local[local + cell]);
            Nominal[parent * Cells + cell] = Amount.Sum(Nominal[parent * Cells + cell], lent);
        }
    }
}
