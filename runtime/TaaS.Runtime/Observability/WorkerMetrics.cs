using System.Diagnostics;
using Prometheus;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;

namespace TaaS.Runtime.Observability;

/// <summary>What a worker measures. Nothing here allocates once it is made; every member is safe for many threads.</summary>
internal sealed class WorkerMetrics : ITrainingObserver, IProgress<TrainingProgress>
{
    private readonly RoleMetrics _role;
    private readonly IProgress<TrainingProgress> _next;
    private readonly Counter _images;
    private readonly Gauge _step;
    private readonly Gauge _stepsPerEpoch;
    private readonly Gauge _epoch;
    private readonly Gauge _epochs;
    private readonly Gauge _loss;
    private readonly Gauge _speed;
    private readonly Gauge _testAccuracy;
    private readonly Gauge _testLoss;
    private readonly Counter _waited;
    private readonly Counter _pushed;
    private readonly Counter _pulled;
    private readonly Counter _reconnects;

    /// <summary>Makes the metrics.</summary>
    /// <param name="role">Where they join.</param>
    /// <param name="next">Who takes reports as well.</param>
    public WorkerMetrics(RoleMetrics role, IProgress<TrainingProgress> next)
    {
        (_role, _next) = (role, next);
        role.WhyNotReady = "no step was trained yet";
        var make = role.Factory;
        // Not shown before there is a value: a loss of 0 would be a lie.
        var unknown = new GaugeConfiguration { SuppressInitialValue = true };
        _images = make.CreateCounter("taas_worker_images_total", "Samples trained on since this worker started.");
        _step = make.CreateGauge("taas_worker_step", "Steps done, counted over all epochs.");
        _stepsPerEpoch = make.CreateGauge("taas_worker_epoch_steps", "Steps of an epoch of this worker.", unknown);
        _epoch = make.CreateGauge("taas_worker_epoch", "Epoch in progress, from 1.", unknown);
        _epochs = make.CreateGauge("taas_worker_epochs", "Epochs of the job.", unknown);
        _loss = make.CreateGauge("taas_worker_loss", "Mean training loss since the last report.", unknown);
        _speed = make.CreateGauge("taas_worker_images_per_second", "Samples a second since the last report, evaluation left out.", unknown);
        _testAccuracy = make.CreateGauge("taas_worker_test_accuracy_ratio", "Share of the test set classified right after the last epoch (the chief).", unknown);
        _testLoss = make.CreateGauge("taas_worker_test_loss", "Mean loss on the test set after the last epoch (the chief).", unknown);
        _waited = make.CreateCounter("taas_worker_server_wait_seconds_total", "Time in which training waited for servers.");
        _pushed = make.CreateCounter("taas_worker_pushed_bytes_total", "Bytes sent to servers.");
        _pulled = make.CreateCounter("taas_worker_pulled_bytes_total", "Bytes received from servers.");
        _reconnects = make.CreateCounter("taas_worker_reconnects_total", "Connections to servers that broke and were made anew.");
    }

    /// <inheritdoc/>
    public void Begin(Module model, IDataset samples, long step) => _step.Set(step);

    /// <inheritdoc/>
    public void Step(long step, int samples)
    {
        _images.Inc(samples);
        _step.Set(step);
        _role.WhyNotReady = null;
    }

    /// <inheritdoc/>
    public void EndEpoch(EpochView epoch)
    {
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        _epoch.Set(value.Epoch);
        _epochs.Set(value.Epochs);
        _stepsPerEpoch.Set(value.StepsPerEpoch);
        _loss.Set(value.Loss);
        _speed.Set(value.ImagesPerSecond);
        if (value is { TestAccuracy: { } accuracy, TestLoss: { } loss })
        {
            _testAccuracy.Set(accuracy);
            _testLoss.Set(loss);
        }

        _next.Report(value);
    }

    /// <summary>A frame went to a server.</summary>
    public void Sent(long bytes) => _pushed.Inc(bytes);

    /// <summary>A frame came from a server.</summary>
    public void Received(long bytes) => _pulled.Inc(bytes);

    /// <summary>Training waited for servers.</summary>
    /// <param name="since"><see cref="Stopwatch.GetTimestamp"/> when it began to.</param>
    public void Waited(long since) => _waited.Inc(Stopwatch.GetElapsedTime(since).TotalSeconds);

    /// <summary>A connection that broke is there again.</summary>
    public void Reconnected() => _reconnects.Inc();
}
