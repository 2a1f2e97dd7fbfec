using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>
/// Tells what became of jobs as Kubernetes events. An event's name follows from what it tells, so that a replica that takes over does not tell it twice.
/// Events are a courtesy: when they cannot be written, nothing else waits.
/// </summary>
internal sealed class EventRecorder
{
    private const int MostWaiting = 10_000;
    private const int MostLetters = 1024;

    private static readonly HashSet<string> Warnings = new(StringComparer.Ordinal)
    {
        Reason.InvalidSpec, Reason.ExceedsMaxQuota, Reason.NeverFits, Reason.Misconfigured, Reason.GangTimeout, Reason.Preempted, Reason.Reclaimed,
        Reason.InfrastructureFailure, Reason.PodDisturbed, Reason.Restarting, Reason.BackoffLimitExceeded, Reason.DeadlineExceeded,
    };

    private readonly ApiClient _client;
    private readonly TimeProvider _time;
    private readonly Channel<Corev1Event> _events = Channel.CreateBounded<Corev1Event>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });

    public EventRecorder(ApiClient client, TimeProvider time) => (_client, _time) = (client, time);

    /// <summary>Tells what changed between two statuses.</summary>
    public void Tell(TrainingJobResource resource, TrainingJobStatus before, TrainingJobStatus after)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var condition in after.Conditions)
        {
            var old = before.Find(condition.Type);
            if ((old is null || old.Reason != condition.Reason || old.Status != condition.Status) && condition.Reason != Reason.GangStarting && told.Add(condition.Reason))
            {
                Tell(resource, condition.Reason, condition.Message, string.Create(CultureInfo.InvariantCulture, $"{after.Attempt}/{after.Restarts}/{after.InfrastructureFailures}/{after.Workers}/{after.ObservedGeneration}"));
            }
        }
    }

    /// <summary>Tells one thing of a job.</summary>
    /// <param name="resource">The job.</param>
    /// <param name="reason">Code.</param>
    /// <param name="message">In words.</param>
    /// <param name="occasion">Sets it apart from the same at another time.</param>
    public void Tell(TrainingJobResource resource, string reason, string message, string occasion)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{resource.Metadata.Uid}/{reason}/{occasion}")))[..16];
        var now = _time.GetUtcNow().UtcDateTime;
        _events.Writer.TryWrite(new Corev1Event
        {
            ApiVersion = "v1",
            Kind = "Event",
            Metadata = new V1ObjectMeta { Name = $"{resource.Metadata.Name}.{digest}", NamespaceProperty = resource.Metadata.NamespaceProperty },
            InvolvedObject = new V1ObjectReference
            {
                ApiVersion = resource.ApiVersion,
                Kind = resource.Kind,
                Name = resource.Metadata.Name,
                NamespaceProperty = resource.Metadata.NamespaceProperty,
                Uid = resource.Metadata.Uid,
            },
            Reason = reason,
            Message = message.Length > MostLetters ? message[..(MostLetters - 1)] + "…" : message,
            Type = Warnings.Contains(reason) ? "Warning" : "Normal",
            Source = new V1EventSource { Component = "taas-operator" },
            FirstTimestamp = now,
            LastTimestamp = now,
            Count = 1,
        });
    }

    /// <summary>Writes events until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            await foreach (var item in _events.Reader.ReadAllAsync(cancel).ConfigureAwait(false))
            {
                try
                {
                    await _client.CreateAsync(ResourceKinds.Events, item, cancel).ConfigureAwait(false);
                }
                catch (ApiException)
                {
                    // Told already, or nobody listens.
                }
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The operator stops.
        }
    }
}
