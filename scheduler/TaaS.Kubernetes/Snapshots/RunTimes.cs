using System.Runtime.CompilerServices;
using TaaS.Jobs;

namespace TaaS.Kubernetes;

/// <summary>How long jobs of a kind have run, from those that succeeded and are still there: the same program with the same work, in the same namespace.</summary>
internal sealed class RunTimes
{
    // Jobs in the cache are never changed, so their kind stays.
    private static readonly ConditionalWeakTable<TrainingJobResource, string> Keys = [];

    private readonly Dictionary<string, TimeSpan> _longest = new(StringComparer.Ordinal);

    /// <summary>Learns from finished jobs. The longest run counts: a backfill that ends late would delay the head of the queue.</summary>
    public static RunTimes Learn(IEnumerable<TrainingJobResource> jobs)
    {
        var learnt = new RunTimes();
        foreach (var resource in jobs)
        {
            if (resource.ReadStatus() is { Phase: JobPhase.Succeeded, StartTime: { } start, CompletionTime: { } end } && end > start && Key(resource) is { } key)
            {
                learnt._longest[key] = learnt._longest.TryGetValue(key, out var known) && known > end - start ? known : end - start;
            }
        }

        return learnt;
    }

    /// <summary>How long a job may be expected to run; null where nothing like it has ended.</summary>
    public TimeSpan? Of(TrainingJobResource resource) => _longest.Count > 0 && Key(resource) is { } key && _longest.TryGetValue(key, out var time) ? time : null;

    private static string? Key(TrainingJobResource resource)
    {
        if (!Keys.TryGetValue(resource, out var key))
        {
            try
            {
                var spec = resource.Read().Spec;
                var program = spec.Program;
                key = string.Join('\n', resource.Metadata.NamespaceProperty, program.Example, program.Image, program.Path, string.Join(' ', program.Command), spec.Epochs, spec.BatchSize, spec.Workers, spec.Servers, spec.Device, spec.DataPath);
            }
            catch (JobException)
            {
                return null;
            }

            Keys.AddOrUpdate(resource, key);
        }

        return key;
    }
}
