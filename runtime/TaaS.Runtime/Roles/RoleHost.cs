using TaaS.Jobs;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TaaS.Runtime.Allreduce;
using TaaS.Runtime.Observability;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Programs;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime;

/// <summary>Runs the one role that this process was started for, placed by <c>TAAS_CONFIG</c>. What <c>taas role</c> and containers call.</summary>
public static class RoleHost
{
    /// <summary>The argument that makes a program a role.</summary>
    internal const string Argument = "role";

    /// <summary>Time a role has to end in after it was told to.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(8);

    /// <summary>The same of a role that runs alone: what starts containers waits longer, and ends them by force itself.</summary>
    private static readonly TimeSpan LoneStopLimit = TimeSpan.FromSeconds(18);

    /// <summary>How long a server that runs alone and was told to stop serves on, for the workers to leave and the chief to save. Container tools kill after 10 s.</summary>
    private static readonly TimeSpan ServerPatience = TimeSpan.FromSeconds(8);

    /// <summary>How long a lost role is waited for in a job that allows no restart.</summary>
    private static readonly TimeSpan WithoutReplacement = TimeSpan.FromSeconds(5);

    /// <summary>How long the workers of a ring wait for each other at the start: each listens only when its data and model are there.</summary>
    private static readonly TimeSpan NeighbourLimit = TimeSpan.FromMinutes(2);

    /// <summary>Runs the role to its end.</summary>
    /// <param name="cancel">Ends it early, as a stop signal does.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(CancellationToken cancel)
    {
        try
        {
            var place = RoleEnvironment.Read();
            var reporter = place.IsSupervised ? RoleReporter.ToSupervisor(Console.Out) : RoleReporter.ToLog(place.RoleName, Console.Error, LogFormat.OfEnvironment);
            using var observation = RoleObservation.Open(place, reporter);
            var job = JobFile.Read(place.JobPath, []);
            using var stop = new StopSignal(place.IsSupervised ? Console.In : null, place.IsSupervised ? StopLimit : LoneStopLimit);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, cancel);
            // Blocking sockets and kernels: a thread of its own, not one of the pool's.
            await Task.Factory.StartNew(
                () => Run(place, job, reporter, observation, either.Token),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (IsSupervised)
        {
            return ExitCode.Success;
        }
        catch (OperationCanceledException stopped)
        {
            // Success would say that the job is done.
            await Console.Error.WriteLineAsync($"taas: {(stopped is TrainingCanceledException ? stopped.Message : "interrupted")}");
            return ExitCode.Interrupted;
        }
        catch (Exception error)
        {
            var (message, code) = ErrorReport.Describe(error);
            if (IsSupervised)
            {
                // The supervisor tells the user, and keeps the rest in the log.
                RoleReporter.ToSupervisor(Console.Out).Send(new RoleMessage { Kind = RoleMessageKind.Failed, Error = message, IsDataError = code == ExitCode.BadData ? true : null });
            }

            await Console.Error.WriteLineAsync(IsSupervised ? error.ToString() : $"taas: {message}");
            return code;
        }
    }

    private static bool IsSupervised => Environment.GetEnvironmentVariable(RoleEnvironment.SupervisedVariable) == "1";

    private static void Run(RoleEnvironment place, TrainingJob job, RoleReporter reporter, RoleObservation observation, CancellationToken stop)
    {
        var plan = TrainingPlan.Of(job);

        // Where nobody is replaced, nobody is waited for.
        var transport = job.Spec.Policy.BackoffLimit > 0 ? place.Transport : place.Transport with { Reconnect = WithoutReplacement };
        switch (place.Task.Task.Type)
        {
            case Role.ParameterServer:
                Serve(place, plan, transport, reporter, observation, stop);
                break;
            case Role.Worker:
                Work(place, job, plan, transport, reporter, observation, stop);
                break;
            default:
                throw new TrainingException($"the role {place.Task.Task.Type} does not run in this release; use {Role.ParameterServer} or {Role.Worker}");
        }
    }

    private static void Serve(RoleEnvironment place, TrainingPlan plan, TransportOptions transport, RoleReporter reporter, RoleObservation observation, CancellationToken stop)
    {
        var index = place.Task.Task.Index;
        using var observed = new ServerObservation(observation, index, plan.Policy.MaxWorkers, TimeProvider.System);
        var shard = new ParameterShard(CpuDevice.Instance, plan.Optimizer, plan.Policy, index) { Metrics = observed.Metrics };
        using var server = new SocketParameterServer(place.Task.Cluster.ParameterServers[index], shard, transport, observation.Log.Server);
        reporter.Send(new RoleMessage { Kind = RoleMessageKind.Listening, Address = server.Address });
        // Told to stop, a server still serves until the workers have left, so that the chief can save; under a supervisor the stop signal's limit ends it.
        using var patience = new CancellationTokenSource();
        using var told = place.IsSupervised ? default : stop.Register(() => patience.CancelAfter(ServerPatience));
        server.Run(patience.Token);
        if (!place.IsSupervised)
        {
            stop.ThrowIfCancellationRequested();
        }
    }

    private static void Work(RoleEnvironment place, TrainingJob job, TrainingPlan plan, TransportOptions transport, RoleReporter reporter, RoleObservation observation, CancellationToken stop)
    {
        var worker = place.Task.Task.Index;
        var servers = place.Task.Cluster.ParameterServers;
        using var lone = worker == 0 && !place.IsSupervised ? new LoneChief(job, plan, place.Folder, reporter) : null;
        using var observed = new WorkerObservation(observation, RunFolder.Open(place.Folder), plan, isChief: worker == 0, lone is null ? reporter : lone);
        var loop = new TrainingLoop(plan, ExamplePrograms.Of(job), RoleDevice.Find(job.Spec), worker, place.RoleName) { Observer = observed };
        var summary = loop.Run(
            OpenStore,
            RunFolder.Open(place.Folder).Checkpoint,
            place.Resume,
            observed,
            stop);
        reporter.Send(new RoleMessage { Kind = RoleMessageKind.Finished, Summary = summary });
        lone?.Finish(summary);
        if (!place.IsSupervised && summary.Stopped)
        {
            throw new OperationCanceledException(stop);
        }

        IParameterStore OpenStore(ParameterLayout layout, IReadOnlyList<View> values)
        {
            if (servers.Count == 0 && plan.Policy.Workers == 1)
            {
                return new LocalParameterStore(layout, values, plan.Optimizer);
            }

            // Sockets read and write host memory.
            return values.All(value => value.Buffer is HostBuffer)
                ? Connect(values)
                : new StagedParameterStore(values, Connect);

            IParameterStore Connect(IReadOnlyList<View> host) => job.Spec.Strategy == Strategy.Ring
                ? new RingParameterStore(RingOf(place, plan), worker, layout, host, plan.Optimizer, transport with { Connect = NeighbourLimit })
                : new SocketParameterStore(servers, worker, layout, host, plan.Optimizer, plan.Policy, transport, observed.Metrics);
        }
    }

    private static IReadOnlyList<string> RingOf(RoleEnvironment place, TrainingPlan plan)
    {
        var workers = place.Task.Cluster.Workers;
        return workers.Count == plan.Policy.Workers
            ? workers
            : throw new TrainingException($"{TaskConfig.EnvironmentVariable} names {workers.Count} workers, the job {plan.Policy.Workers}; a ring is made of the job's workers");
    }
}
