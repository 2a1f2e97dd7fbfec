using System.Diagnostics;
using System.Globalization;
using Prometheus;

namespace TaaS.Runtime.Observability;

/// <summary>What a parameter server measures. Nothing here allocates once it is made; every member is safe for many threads.</summary>
internal sealed class ServerMetrics
{
    private readonly RoleMetrics _role;
    private readonly Counter _updates;
    private readonly Counter _pushes;
    private readonly Counter _pulls;
    private readonly Counter _received;
    private readonly Counter _sent;
    private readonly Gauge _queue;
    private readonly Gauge _pending;
    private readonly Gauge _connected;
    private readonly Histogram _updateTime;
    private readonly Gauge.Child[] _steps;
    private readonly Gauge.Child[] _lags;
    private readonly Gauge.Child[] _stepTimes;
    private readonly Gauge.Child[] _stragglers;
    private readonly Gauge.Child[] _staleness;
    private readonly StragglerWatch _watch;

    // Updates that a slice had seen when a worker last got it.
    private long[][] _seen = [];

    /// <summary>Makes the metrics.</summary>
    /// <param name="role">Where they join.</param>
    /// <param name="workers">Workers of the job.</param>
    /// <param name="watch">Compares the workers' paces.</param>
    public ServerMetrics(RoleMetrics role, int workers, StragglerWatch watch)
    {
        (_role, _watch) = (role, watch);
        WaitsForChief();
        var make = role.Factory;
        _updates = make.CreateCounter("taas_server_updates_total", "Updates of a slice of the parameters.");
        _pushes = make.CreateCounter("taas_server_pushes_total", "Gradients of a slice taken from workers.");
        _pulls = make.CreateCounter("taas_server_pulls_total", "Slices of parameters sent to workers.");
        _received = make.CreateCounter("taas_server_received_bytes_total", "Bytes received from workers.");
        _sent = make.CreateCounter("taas_server_sent_bytes_total", "Bytes sent to workers.");
        _queue = make.CreateGauge("taas_server_queue_depth", "Answers that wait to be sent.");
        _pending = make.CreateGauge("taas_server_pending_gradients", "Gradients that wait for those of other workers.");
        _connected = make.CreateGauge("taas_server_connected_workers", "Workers that are connected.");
        _updateTime = make.CreateHistogram(
            "taas_server_update_seconds",
            "Time of one update of a slice.",
            // 10 µs to about 2.6 s.
            new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(1e-5, 4, 10) });
        _steps = Children(make.CreateGauge("taas_server_worker_step", "Step of the last gradient of a worker.", ["worker"]), workers);
        _lags = Children(make.CreateGauge("taas_server_worker_lag_steps", "Steps that a worker is behind the furthest.", ["worker"]), workers);
        _stepTimes = Children(make.CreateGauge("taas_server_worker_step_seconds", "Time a worker takes for a step, without its waits for others.", ["worker"]), workers);
        _staleness = Children(make.CreateGauge("taas_server_worker_staleness_updates", "Updates by other workers between the last pull and the last gradient of a worker.", ["worker"]), workers);
        _stragglers = Children(make.CreateGauge("taas_server_worker_straggler", "1 for a worker that is a straggler.", ["worker"]), workers);
        role.Registry.AddBeforeCollectCallback(CollectPaces);
    }

    /// <summary>The model is known.</summary>
    public void Registered(int slices) => _seen = [.. _steps.Select(_ => new long[slices])];

    /// <summary>The chief has not given every value yet, or will give them anew.</summary>
    public void WaitsForChief() => _role.WhyNotReady = "the chief (worker 0) has not initialised the parameters yet";

    /// <summary>The chief has given every value.</summary>
    public void Initialized()
    {
        _role.WhyNotReady = null;
        _pending.Set(0);
    }

    /// <summary>A worker has a connection.</summary>
    public void Connected() => _connected.Inc();

    /// <summary>A worker's connection ended.</summary>
    /// <param name="unanswered">Answers that waited and will not be sent.</param>
    public void Disconnected(int unanswered)
    {
        _connected.Dec();
        _queue.Dec(unanswered);
    }

    /// <summary>A frame came from a worker.</summary>
    public void Received(long bytes) => _received.Inc(bytes);

    /// <summary>A gradient was taken.</summary>
    /// <param name="worker">Who pushed it.</param>
    /// <param name="step">Its step.</param>
    /// <param name="slice">Of which slice.</param>
    /// <param name="updates">Updates that the slice has seen so far.</param>
    public void Pushed(int worker, long step, int slice, long updates)
    {
        _staleness[worker].Set(updates - _seen[worker][slice]);
        _pushes.Inc();
        _pending.Inc();
        _watch.Pushed(worker, step);
    }

    /// <summary>A slice was updated.</summary>
    /// <param name="gradients">Gradients that went into it.</param>
    /// <param name="since"><see cref="Stopwatch.GetTimestamp"/> when the update began.</param>
    public void Updated(int gradients, long since)
    {
        _updateTime.Observe(Stopwatch.GetElapsedTime(since).TotalSeconds);
        _pending.Dec(gradients);
        _updates.Inc();
    }

    /// <summary>An answer waits to be sent.</summary>
    public void Queued() => _queue.Inc();

    /// <summary>A queued answer was sent.</summary>
    /// <param name="worker">Receiver.</param>
    /// <param name="bytes">Length of the frame.</param>
    /// <param name="hasParameters">True if parameters were in it.</param>
    public void Answered(int worker, long bytes, bool hasParameters)
    {
        _queue.Dec();
        _sent.Inc(bytes);
        if (hasParameters)
        {
            _pulls.Inc();
            _watch.Answered(worker);
        }
    }

    /// <summary>A worker is given a slice.</summary>
    /// <param name="worker">Who.</param>
    /// <param name="slice">Which slice.</param>
    /// <param name="updates">Updates that it has seen.</param>
    public void Read(int worker, int slice, long updates) => _seen[worker][slice] = updates;

    /// <summary>A worker does something else than a step, such as an evaluation, until its next push.</summary>
    public void Paused(int worker) => _watch.Paused(worker);

    /// <summary>A worker left or was lost.</summary>
    public void Gone(int worker) => _watch.Gone(worker);

    private static Gauge.Child[] Children(Gauge gauge, int workers) =>
        [.. Enumerable.Range(0, workers).Select(worker => gauge.WithLabels(worker.ToString(CultureInfo.InvariantCulture)))];

    private void CollectPaces()
    {
        long furthest = 0;
        for (var worker = 0; worker < _steps.Length; worker++)
        {
            furthest = Math.Max(furthest, _watch.StepOf(worker));
        }

        for (var worker = 0; worker < _steps.Length; worker++)
        {
            var step = _watch.StepOf(worker);
            _steps[worker].Set(step);
            _lags[worker].Set(_watch.IsGone(worker) ? 0 : furthest - step);
            _stepTimes[worker].Set(_watch.StepTimeOf(worker).TotalSeconds);
            _stragglers[worker].Set(_watch.IsStraggler(worker) ? 1 : 0);
        }
    }
}
