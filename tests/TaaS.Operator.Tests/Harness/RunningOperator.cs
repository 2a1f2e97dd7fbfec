using k8s;
using Microsoft.Extensions.Logging;
using TaaS.Kubernetes;
using TaaS.Scheduling.Model;

namespace TaaS.Operator.Tests;

/// <summary>An operator in the test's process, that can be killed as a process can: from one moment on nothing it does reaches the server.</summary>
internal sealed class RunningOperator : IAsyncDisposable
{
    private readonly ApiConnection _connection;
    private readonly CancellationTokenSource _stop = new();
    private readonly KillSwitch _kill;

    private RunningOperator(ApiConnection connection, OperatorProcess process, KillSwitch kill, TestLog log)
    {
        (_connection, Process, _kill, Log) = (connection, process, kill, log);
        _kill.Killed = _stop.Cancel;
        Ended = Task.Run(() => process.RunAsync(_stop.Token));
    }

    public OperatorProcess Process { get; }

    public TestLog Log { get; }

    /// <summary>False when the lead was lost.</summary>
    public Task<bool> Ended { get; }

    /// <summary>Calls made so far.</summary>
    public int Calls => _kill.Calls;

    public static OperatorOptions Options { get; } = new()
    {
        LeaderElection = false,
        MetricsPort = 0,
        Debounce = TimeSpan.FromMilliseconds(5),
        PositionInterval = TimeSpan.FromMilliseconds(50),
        Workers = 4,
    };

    public static RunningOperator Start(
        Func<KubernetesClientConfiguration> configuration,
        TimeProvider time,
        OperatorOptions? options = null,
        Func<ClusterSnapshot, SchedulingPass>? decide = null,
        KillSwitch? kill = null)
    {
        kill ??= new KillSwitch();
        var log = new TestLog();
        var connection = ApiConnection.Open(configuration, () => new KillHandler(kill));
        var client = new ApiClient(connection) { TimeLimit = TimeSpan.FromSeconds(5) };
        return new RunningOperator(connection, new OperatorProcess(options ?? Options, client, log, time, decide), kill, log);
    }

    /// <summary>Ends it at once, mid-call.</summary>
    public async Task KillAsync()
    {
        _kill.Kill();
        await ((Task)Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Asks it to end.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Ended;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await ((Task)Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _connection.Dispose();
    }
}

/// <summary>Counts the calls of an operator and cuts it off at a given one.</summary>
internal sealed class KillSwitch
{
    private int _calls;
    private volatile bool _isDead;

    /// <summary>The call at which it dies; 0 for never.</summary>
    public int At { get; init; }

    /// <summary>True if the server still carries that call out.</summary>
    public bool IsAfter { get; init; }

    /// <summary>Only calls that count, such as writes; null for all.</summary>
    public Func<HttpRequestMessage, bool>? Counts { get; init; }

    public Action? Killed { get; set; }

    public int Calls => _calls;

    public bool IsDead => _isDead;

    public void Kill()
    {
        _isDead = true;
        Killed?.Invoke();
    }

    /// <summary>True if this call is the last.</summary>
    public bool Enter(HttpRequestMessage request)
    {
        if (_isDead)
        {
            throw new HttpRequestException("the operator is dead");
        }

        return (Counts is null || Counts(request)) && Interlocked.Increment(ref _calls) == At;
    }
}

/// <summary>Passes an operator's calls on while it lives.</summary>
internal sealed class KillHandler(KillSwitch kill) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isLast = kill.Enter(request);
        if (isLast && !kill.IsAfter)
        {
            kill.Kill();
            throw new HttpRequestException("the operator died before this call");
        }

        var response = await base.SendAsync(request, isLast ? CancellationToken.None : cancellationToken);
        if (isLast)
        {
            kill.Kill();
            response.Dispose();
            throw new HttpRequestException("the operator died during this call");
        }

        return response;
    }
}

/// <summary>Keeps what was logged.</summary>
internal sealed class TestLog : ILogger
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel}: {formatter(state, exception)}{(exception is null ? "" : $"\n{exception}")}");
}
