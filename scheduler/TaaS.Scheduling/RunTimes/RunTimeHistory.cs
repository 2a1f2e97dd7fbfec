using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.RunTimes;

/// <summary>
/// Learns how long gangs run, for those that do not say: from gangs of the same namespace whose names differ only in numbers (<c>train-17</c>, <c>train-18</c>),
/// or else from those of the same queue with the same pods. It holds no clock and is told of every end.
/// </summary>
/// <param name="quantile">Which of the known run times is given, from 0 to 1: a low one lets gangs past that then delay the head, a high one lets few past. Default 0.9.</param>
/// <param name="leastSamples">How many run times must be known. Default 3.</param>
public sealed class RunTimeHistory(double quantile = 0.9, int leastSamples = 3)
{
    /// <summary>Run times kept of each kind of gang; the oldest is forgotten first.</summary>
    private const int SamplesKept = 32;

    /// <summary>Kinds of gangs kept; the one that was told of last remains longest.</summary>
    private const int KindsKept = 10_000;

    private readonly Dictionary<string, LinkedListNode<Kind>> _kinds = new(StringComparer.Ordinal);
    private readonly LinkedList<Kind> _byUse = new();

    /// <summary>A gang ended well after a time; one that failed or was stopped says nothing.</summary>
    /// <param name="gang">The gang.</param>
    /// <param name="runTime">From its start to its end; above 0.</param>
    public void Record(Gang gang, TimeSpan runTime)
    {
        if (runTime <= TimeSpan.Zero)
        {
            return;
        }

        Add(NameKey(gang), runTime);
        Add(ShapeKey(gang), runTime);
    }

    /// <summary>How long a gang will run, as far as others tell; null where too few are known.</summary>
    public TimeSpan? Estimate(Gang gang) => Quantile(NameKey(gang)) ?? Quantile(ShapeKey(gang));

    private void Add(string key, TimeSpan runTime)
    {
        if (_kinds.TryGetValue(key, out var node))
        {
            _byUse.Remove(node);
        }
        else
        {
            _kinds[key] = node = new LinkedListNode<Kind>(new Kind(key));
        }

        _byUse.AddFirst(node);
        node.Value.Samples.Enqueue(runTime);
        if (node.Value.Samples.Count > SamplesKept)
        {
            node.Value.Samples.Dequeue();
        }

        if (_kinds.Count > KindsKept)
        {
            _kinds.Remove(_byUse.Last!.Value.Key);
            _byUse.RemoveLast();
        }
    }

    private TimeSpan? Quantile(string key)
    {
        if (!_kinds.TryGetValue(key, out var node) || node.Value.Samples.Count < Math.Max(1, leastSamples))
        {
            return null;
        }

        var sorted = node.Value.Samples.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(quantile * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    private static string NameKey(Gang gang)
    {
        var name = new System.Text.StringBuilder("name\n").Append(gang.Submitter.Namespace).Append('\n');
        var wasDigit = false;
        foreach (var letter in gang.Name)
        {
            var isDigit = char.IsAsciiDigit(letter);
            if (!isDigit || !wasDigit)
            {
                name.Append(isDigit ? '#' : letter);
            }

            wasDigit = isDigit;
        }

        return name.ToString();
    }

    private static string ShapeKey(Gang gang)
    {
        var shape = new System.Text.StringBuilder("shape\n").Append(gang.Queue);
        foreach (var set in gang.PodSets.OrderBy(static set => set.Role, StringComparer.Ordinal))
        {
            shape.Append('\n').Append(set.Role).Append('*').Append(set.Count);
            foreach (var (name, amount) in set.Requests.Amounts.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
            {
                shape.Append(',').Append(name).Append('=').Append(amount);
            }
        }

        return shape.ToString();
    }

    private sealed record Kind(string Key)
    {
        internal Queue<TimeSpan> Samples { get; } = new();
    }
}
