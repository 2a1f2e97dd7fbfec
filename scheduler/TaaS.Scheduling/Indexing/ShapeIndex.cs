using System.Globalization;
using System.Text;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Indexing;

/// <summary>Finds the shape of pods; equal ones are the same object.</summary>
internal sealed class ShapeIndex(NodeIndex nodes, ResourceIndex resources)
{
    private readonly Dictionary<string, int> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<long[], int> _requests = new(new SameAmounts());
    private readonly Dictionary<(int Rules, int Flavor), NodeFilter> _filters = [];
    private readonly Dictionary<(int Rules, int Flavor, int Request), PodShape> _shapes = [];

    /// <summary>Number of the pods' rules on nodes.</summary>
    internal int RulesOf(PodSet set)
    {
        var key = RulesKey(set);
        if (!_rules.TryGetValue(key, out var number))
        {
            _rules[key] = number = _rules.Count;
        }

        return number;
    }

    /// <summary>What one pod takes, as the one array that stands for all equal ones, and its number.</summary>
    internal (long[] Request, int Number) RequestOf(ReadOnlySpan<long> amounts)
    {
        if (!_requests.GetAlternateLookup<ReadOnlySpan<long>>().TryGetValue(amounts, out var request, out var number))
        {
            request = amounts.ToArray();
            _requests[request] = number = _requests.Count;
        }

        return (request, number);
    }

    /// <summary>The shape of a set's pods on a flavor.</summary>
    internal PodShape Of(GangSet set, ResourceFlavor flavor, int flavorNumber)
    {
        var key = (set.Rules, flavorNumber, set.RequestNumber);
        if (!_shapes.TryGetValue(key, out var shape))
        {
            if (!_filters.TryGetValue((set.Rules, flavorNumber), out var filter))
            {
                _filters[(set.Rules, flavorNumber)] = filter = new NodeFilter(set.Set, flavor, nodes);
            }

            _shapes[key] = shape = new PodShape(_shapes.Count, filter, set.Request, nodes, resources);
        }

        return shape;
    }

    private static string RulesKey(PodSet set)
    {
        if (set.NodeSelector.Count == 0 && set.Tolerations.Count == 0 && set.Affinity.Required.Count == 0 && set.Affinity.Preferred.Count == 0)
        {
            return "";
        }

        var key = new StringBuilder();
        foreach (var (label, value) in set.NodeSelector.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            key.Append(label).Append('=').Append(value).Append('\n');
        }

        foreach (var toleration in set.Tolerations)
        {
            key.Append("t:").Append(toleration.Key).Append('\t').Append(toleration.Operator).Append('\t').Append(toleration.Value).Append('\t').Append(toleration.Effect).Append('\n');
        }

        foreach (var term in set.Affinity.Required)
        {
            Append(key.Append("r:"), term);
        }

        foreach (var preferred in set.Affinity.Preferred)
        {
            Append(key.Append(CultureInfo.InvariantCulture, $"p{preferred.Weight}:"), preferred.Term);
        }

        return key.ToString();
    }

    private static void Append(StringBuilder key, NodeSelectorTerm term)
    {
        foreach (var requirement in term.Expressions)
        {
            Append(key.Append("e:"), requirement);
        }

        foreach (var requirement in term.Fields)
        {
            Append(key.Append("f:"), requirement);
        }

        key.Append('\n');
    }

    private static void Append(StringBuilder key, NodeRequirement requirement) =>
        key.Append(requirement.Key).Append('\t').Append(requirement.Operator).Append('\t').AppendJoin('\t', requirement.Values).Append(';');

    private sealed class SameAmounts : IEqualityComparer<long[]>, IAlternateEqualityComparer<ReadOnlySpan<long>, long[]>
    {
        public bool Equals(long[]? left, long[]? right) => left.AsSpan().SequenceEqual(right);

        public bool Equals(ReadOnlySpan<long> alternate, long[] other) => alternate.SequenceEqual(other);

        public long[] Create(ReadOnlySpan<long> alternate) => alternate.ToArray();

        public int GetHashCode(long[] amounts) => GetHashCode((ReadOnlySpan<long>)amounts);

        public int GetHashCode(ReadOnlySpan<long> amounts)
        {
            var hash = new HashCode();
            foreach (var amount in amounts)
            {
                hash.Add(amount);
            }

            return hash.ToHashCode();
        }
    }
}
