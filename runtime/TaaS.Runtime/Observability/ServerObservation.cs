using System.Globalization;

namespace TaaS.Runtime.Observability;

/// <summary>What shows a server to those outside: its metrics, and a watch for stragglers that names each in the log and, once, to the user.</summary>
internal sealed class ServerObservation : IDisposable
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly RoleObservation _role;
    private readonly StragglerWatch _watch;
    private readonly bool[] _wasNamed;
    private readonly bool _tellsUser;
    private readonly ITimer _timer;

    /// <summary>Begins to watch.</summary>
    /// <param name="role">The role's log and metrics.</param>
    /// <param name="server">Index of this server. All see the same workers, so the first alone tells the user.</param>
    /// <param name="workers">Most workers that the job may have.</param>
    /// <param name="time">Clock by which workers are compared.</param>
    public ServerObservation(RoleObservation role, int server, int workers, TimeProvider time)
    {
        (_role, _tellsUser) = (role, server == 0);
        _watch = new StragglerWatch(workers, time);
        _wasNamed = new bool[workers];
        Metrics = new ServerMetrics(role.Metrics, workers, _watch);
        _timer = time.CreateTimer(_ => Check(), null, CheckInterval, CheckInterval);
    }

    /// <summary>What the server measures.</summary>
    public ServerMetrics Metrics { get; }

    /// <summary>Compares the workers; the timer does it each second.</summary>
    internal void Check()
    {
        foreach (var (worker, isStraggler, own, others) in _watch.Check())
        {
            if (!isStraggler)
            {
                _role.Log.KeepsUp(worker, own.TotalMilliseconds, others.TotalMilliseconds);
                continue;
            }

            var line = string.Create(
                CultureInfo.InvariantCulture,
                $"worker-{worker} is a straggler: {own.TotalMilliseconds:F0} ms a step of its own where the others need {others.TotalMilliseconds:F0} ms, for {StragglerWatch.Sustained.TotalSeconds} s; see what else runs on its machine");
            if (_tellsUser && !_wasNamed[worker])
            {
                _wasNamed[worker] = true;
                _role.Notice(line);
            }
            else
            {
                _role.Log.Straggler(line);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();
}
