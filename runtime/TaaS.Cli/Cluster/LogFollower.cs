using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Runtime;

namespace TaaS.Cli.Cluster;

/// <summary>Prints the log of one pod of a job as it comes, over restarts and moves to other nodes, until the job has ended.</summary>
internal sealed class LogFollower(ClusterAccess access, string job, string role, int index)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly string _pod = PodNames.Pod(job, role, index);

    /// <summary>How long what a pod wrote last may take to come.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Prints what is there.</summary>
    /// <param name="tail">Only so many lines from the end; null for all.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="ClusterException">There is no such pod, or it has not started.</exception>
    public async Task PrintAsync(int? tail, CancellationToken cancel)
    {
        var found = await access.JobAsync(job, cancel);
        if (await access.Client.FindAsync(ResourceKinds.Pods, access.Namespace, _pod, cancel) is not { } pod)
        {
            throw new ClusterException(Missing(found), ExitCode.Failed);
        }

        if (!HasStarted(pod))
        {
            throw new ClusterException($"pod {_pod} has not started: {WhyNot(pod)}; --follow waits for it", ExitCode.Failed);
        }

        await CopyAsync(false, tail, cancel);
    }

    /// <summary>Prints until the job has ended.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        string? done = null;
        while (true)
        {
            var pod = await access.Client.FindAsync(ResourceKinds.Pods, access.Namespace, _pod, cancel);
            if (pod is not null && HasStarted(pod) && Run(pod) != done)
            {
                done = Run(pod);
                await CopyAsync(true, null, cancel);
            }

            var state = await access.Client.FindAsync(ResourceKinds.TrainingJobs, access.Namespace, job, cancel);
            if (state is null || (state.ReadStatus().IsFinished && (pod is null || Run(pod) == done)))
            {
                return;
            }

            await Task.Delay(Pause, TimeProvider.System, cancel);
        }
    }

    private string Missing(TrainingJobResource found)
    {
        var spec = found.Read().Spec;
        if (!spec.Replicas.TryGetValue(role, out var replica))
        {
            return $"{job} has no role {role}; it has {string.Join(", ", spec.Replicas.Keys)}";
        }

        return index >= replica.Most
            ? $"{job} has no {role} {index}; there are {replica.Most}, counted from 0"
            : $"{job} has no pod {_pod} now: it is {found.ReadStatus().Phase} (taas why {job} says more); --follow waits for it";
    }

    private async Task CopyAsync(bool follow, int? tail, CancellationToken cancel)
    {
        using var log = await access.Client.LogsAsync(access.Namespace, _pod, follow, tail, cancel);
        try
        {
            while (await log.ReadLineAsync(cancel) is { } line)
            {
                Console.WriteLine(line);
            }
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            // A pod that is torn down, or a node that goes, takes the connection with it; the next turn says what there is now.
            Console.Error.WriteLine($"taas: the log of {_pod} broke off");
        }
    }

    private static bool HasStarted(V1Pod pod) =>
        pod.Status?.ContainerStatuses?.FirstOrDefault()?.State is { } state ? state.Running is not null || state.Terminated is not null : pod.Status?.Phase is "Running" or "Succeeded" or "Failed";

    private static string WhyNot(V1Pod pod) =>
        pod.Status?.ContainerStatuses?.FirstOrDefault()?.State?.Waiting is { } waiting ? $"{waiting.Reason}{(waiting.Message is { Length: > 0 } message ? $", {message}" : "")}" : $"it is {pod.Status?.Phase ?? "Pending"}";

    /// <summary>One start of the container: another pod or a restart is another.</summary>
    private static string Run(V1Pod pod) => $"{pod.Metadata.Uid}/{pod.Status?.ContainerStatuses?.FirstOrDefault()?.RestartCount ?? 0}";
}
