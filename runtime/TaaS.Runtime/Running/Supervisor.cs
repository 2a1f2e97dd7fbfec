using System.Diagnostics;
using System.Security.Cryptography;
using System.Threading.Channels;
using TaaS.Engine.Data;
using TaaS.Jobs;
using TaaS.Runtime.Observability;

namespace TaaS.Runtime;

/// <summary>Starts the processes of a job, listens to them, and decides what the end of each means for the rest.</summary>
/// <remarks>
/// A role that dies without a word is started again, as often as the job's backoffLimit allows; one that says what is wrong would fail again,
/// so the job fails. Past the limit, a server, the chief, or any worker in sync mode ends the job; without another worker in async or ssp mode
/// the others go on, and the result names it. The message names the role that failed first, not those that went down with it.
/// When the chief has finished so is the job. No role outlives this object: they see their standard input close.
/// </remarks>
internal sealed class Supervisor : IDisposable
{
    private readonly TrainingJob _job;
    private readonly TrainingPlan _plan;
    private readonly RunOptions _options;
    private readonly RunFolder _folder;
    private readonly IProgress<TrainingProgress> _progress;
    private readonly Channel<RoleEvent> _events = Channel.CreateUnbounded<RoleEvent>();
    private readonly List<RoleProcess> _roles = [];
    private readonly Dictionary<string, WorkerSummary> _summaries = [];
    private readonly Dictionary<string, RoleMessage> _errors = [];
    private readonly List<string> _lost = [];
    private readonly List<(string Role, int Code)> _fatal = [];
    private readonly RoleDirectory _directory;
    private readonly string _sockets = Directory.CreateTempSubdirectory("taas-").FullName;
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>After one role failed, how long to hear of the others before choosing whom to name.</summary>
    private static readonly TimeSpan BlameTime = TimeSpan.FromSeconds(1);

    /// <summary>After the chief has finished, how long the others may take to see it.</summary>
    private static readonly TimeSpan FinishTime = TimeSpan.FromSeconds(5);

    /// <summary>How often to look whether the user wants more or fewer workers.</summary>
    private static readonly TimeSpan ScaleInterval = TimeSpan.FromMilliseconds(500);

    private ClusterSpec _cluster = new([], []);
    private CoreSplit _split;
    private string _secret = "";
    private int _restarts;
    private TimeSpan _scaled;
    private bool _isStopping;
    private bool _chiefIsDone;

    public Supervisor(TrainingJob job, TrainingPlan plan, RunOptions options, RunFolder folder, IProgress<TrainingProgress> progress) =>
        (_job, _plan, _options, _folder, _progress, _directory) = (job, plan, options, folder, progress, new RoleDirectory(folder.Roles));

    private bool IsRunning => _roles.Exists(role => !role.HasEnded);

    /// <summary>Runs the job to its end.</summary>
    public async Task<RunResult> RunAsync(CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (_job.Spec.Policy.ActiveDeadline is { } longest)
        {
            deadline.CancelAfter(longest);
        }

        StartRoles();
        try
        {
            await ListenAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            await StopAsync();
            cancel.ThrowIfCancellationRequested();
            throw new TrainingException($"spec.policy.activeDeadline: the job ran longer than {_job.Spec.Policy.ActiveDeadline} and was ended; the checkpoint is {_folder.Checkpoint}");
        }

        var result = Summarize();
        _folder.Write(result);
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var role in _roles)
        {
            role.Kill();
            role.Dispose();
        }

        Directory.Delete(_sockets, recursive: true);
    }

    private void StartRoles()
    {
        // On one machine those who listen do so on socket files: faster than TCP, and no port can be taken.
        var servers = Enumerable.Range(0, _job.Spec.Servers).Select(index => $"unix:{Path.Combine(_sockets, $"ps-{index}")}").ToArray();
        var workers = Enumerable.Range(0, _plan.Policy.MaxWorkers).Select(index => _job.Spec.Strategy == Strategy.Ring ? $"unix:{Path.Combine(_sockets, $"worker-{index}")}" : "localhost:0").ToArray();
        _cluster = new ClusterSpec(servers, workers);
        _split = CoreSplit.Of(_options.Cores > 0 ? _options.Cores : Environment.ProcessorCount, _plan.Policy.Workers, servers.Length);
        _secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        for (var index = 0; index < servers.Length; index++)
        {
            _roles.Add(Start(Role.ParameterServer, index));
        }

        for (var index = 0; index < _plan.Policy.Workers; index++)
        {
            _roles.Add(Start(Role.Worker, index));
        }
    }

    private RoleProcess Start(string type, int index)
    {
        var place = new RoleEnvironment
        {
            Task = new TaskConfig(_cluster, new TaskSpec(type, index)),
            JobPath = _folder.Spec,
            Folder = _folder.Path,
            Secret = _secret,
            Resume = _options.ResumeFrom,
            Threads = type == Role.Worker ? _split.Worker : _split.Ps,
            IsSupervised = true,
            Http = "127.0.0.1:0",
        };
        _directory.Started(place.RoleName);
        return RoleProcess.Start(place.RoleName, place.Task.Task, _options, place.ToVariables(), _folder.Log(place.RoleName), _events.Writer);
    }

    private async Task ListenAsync(CancellationToken cancel)
    {
        while (IsRunning && _fatal.Count == 0 && !_chiefIsDone)
        {
            if (await HasEventAsync(cancel))
            {
                Take(await _events.Reader.ReadAsync(cancel));
            }

            if (_watch.Elapsed - _scaled >= ScaleInterval && !_isStopping)
            {
                _scaled = _watch.Elapsed;
                Scale();
            }
        }

        if (_chiefIsDone)
        {
            await HearOthersAsync(FinishTime, cancel);
            return;
        }

        if (_fatal.Count > 0)
        {
            await HearOthersAsync(BlameTime, cancel);
            throw Blame();
        }
    }

    // False when it is time to look whether the size shall change.
    private async Task<bool> HasEventAsync(CancellationToken cancel)
    {
        if (_plan.Policy.MaxWorkers == _plan.Policy.MinWorkers || _isStopping)
        {
            return true;
        }

        using var interval = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        interval.CancelAfter(ScaleInterval);
        try
        {
            return await _events.Reader.WaitToReadAsync(interval.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    // Workers with the highest indices come and go; the chief stays.
    private void Scale()
    {
        if (WorkerScale.Read(_folder, _plan) is not { } wanted)
        {
            return;
        }

        for (var index = 1; index < _plan.Policy.MaxWorkers; index++)
        {
            var worker = _roles.Find(role => role.Task == new TaskSpec(Role.Worker, index) && !role.HasEnded);
            if (worker is null && index < wanted)
            {
                _options.Notice?.Invoke($"worker-{index} joins");
                _roles.Add(Start(Role.Worker, index));
            }
            else if (worker is { IsStopping: false } && index >= wanted)
            {
                _options.Notice?.Invoke($"worker-{index} leaves");
                worker.RequestStop();
            }
        }
    }

    // One failure takes other roles with it, and the order in which they end is chance.
    private async Task HearOthersAsync(TimeSpan longest, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(longest);
        try
        {
            while (IsRunning)
            {
                Take(await _events.Reader.ReadAsync(limit.Token));
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // The rest go on until they are killed.
        }
    }

    private void Take(RoleEvent happened)
    {
        if (happened.ExitCode is { } code)
        {
            happened.Role.HasEnded = true;
            _directory.Ended(happened.Role.Name, isWhole: code == 0);
            TakeEnd(happened.Role, code);
        }
        else
        {
            TakeMessage(happened.Role.Name, happened.Message!);
        }
    }

    private void TakeMessage(string role, RoleMessage message)
    {
        if (message.Progress is { } progress)
        {
            _progress.Report(progress);
        }

        if (message is { Kind: RoleMessageKind.Endpoint, Address: { } address })
        {
            _directory.Started(role, address);
        }

        if (message is { Kind: RoleMessageKind.Notice, Text: { } notice })
        {
            _options.Notice?.Invoke(notice);
        }

        if (message.Summary is { } summary)
        {
            _summaries[role] = summary;
        }

        if (message.Kind == RoleMessageKind.Failed)
        {
            _errors[role] = message;
        }
    }

    private void TakeEnd(RoleProcess role, int code)
    {
        _chiefIsDone |= code == 0 && role.Task == new TaskSpec(Role.Worker, 0) && !_isStopping;
        if (code == 0 || _isStopping || _chiefIsDone || role.IsStopping)
        {
            return;
        }

        if (!_errors.ContainsKey(role.Name) && _restarts < _job.Spec.Policy.BackoffLimit && _fatal.Count == 0)
        {
            Restart(role, code);
            return;
        }

        var isNeeded = _plan.Policy.IsSync || role.Name == $"{Role.Worker}-0" || role.Name.StartsWith(Role.ParameterServer, StringComparison.Ordinal)
            || _errors.ContainsKey(role.Name);
        if (!isNeeded)
        {
            _lost.Add(role.Name);
            _options.Notice?.Invoke($"{role.Name} was lost: {DescribeEnd(role.Name, code)}; the others go on without it");
            return;
        }

        _fatal.Add((role.Name, code));
    }

    private void Restart(RoleProcess role, int code)
    {
        _restarts++;
        _options.Notice?.Invoke($"{role.Name} was lost: {DescribeEnd(role.Name, code)}; it is started again (restart {_restarts} of {_job.Spec.Policy.BackoffLimit})");
        _roles.Remove(role);
        role.Dispose();
        _roles.Add(Start(role.Task.Type, role.Task.Index));
    }

    private string DescribeEnd(string role, int code) =>
        _errors.GetValueOrDefault(role)?.Error ?? $"it ended unexpectedly ({RoleProcess.DescribeExit(code)})";

    // A role that went without a word was the first; then one with bad data; the others lost a peer.
    private Engine.TaaSException Blame()
    {
        var (role, code) = _fatal.MinBy(fatal => _errors.GetValueOrDefault(fatal.Role) switch
        {
            null => 0,
            { IsDataError: true } => 1,
            _ => 2,
        });
        var message = $"{role}: {DescribeEnd(role, code)}; training has ended, the log is {_folder.Log(role)}";
        return _errors.GetValueOrDefault(role)?.IsDataError == true ? new DataException(message) : new TrainingException(message);
    }

    // Servers end by themselves when the workers have left, and must not before: the chief saves what they hold.
    private async Task StopAsync()
    {
        _isStopping = true;
        _fatal.Clear();
        foreach (var role in _roles)
        {
            if (role.Name.StartsWith(Role.Worker, StringComparison.Ordinal))
            {
                role.RequestStop();
            }
        }

        using var limit = new CancellationTokenSource(_options.StopTimeout);
        try
        {
            await ListenAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // Whoever is left is killed when this is disposed of.
        }
    }

    private RunResult Summarize()
    {
        if (_summaries.GetValueOrDefault($"{Role.Worker}-0") is not { TestAccuracy: not null } chief)
        {
            throw new TrainingException($"worker-0 ended without a result; its log is {_folder.Log("worker-0")}");
        }

        return RunSummary.Of(_job, _plan, _folder, chief, RunSummary.Rate(_plan, chief, _summaries.Values), _watch.Elapsed) with
        {
            BytesPushed = _summaries.Values.Sum(summary => summary.BytesPushed),
            BytesPulled = _summaries.Values.Sum(summary => summary.BytesPulled),
            LostRoles = [.. _lost],
            Restarts = _restarts,
        };
    }
}
