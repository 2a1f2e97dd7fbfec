using Prometheus;

namespace TaaS.Runtime.Observability;

/// <summary>What every role measures, and where its own measures join: a registry with the process's time, memory and collections, and which role this is.</summary>
internal sealed class RoleMetrics : IDisposable
{
    private volatile string? _whyNotReady = "starting";
    private RoleEndpoint? _endpoint;

    /// <summary>Makes the registry.</summary>
    /// <param name="role">Name of the role, such as <c>worker-1</c>.</param>
    public RoleMetrics(string role)
    {
        Registry = Metrics.NewCustomRegistry();
        Factory = Metrics.WithCustomRegistry(Registry);
        DotNetStats.Register(Registry);
        Factory.CreateGauge("taas_role_info", "Which role this is; always 1.", ["role", "version"])
            .WithLabels(role, typeof(RoleMetrics).Assembly.GetName().Version!.ToString(3))
            .Set(1);
    }

    /// <summary>All metrics of this process.</summary>
    public CollectorRegistry Registry { get; }

    /// <summary>Makes metrics in <see cref="Registry"/>.</summary>
    public IMetricFactory Factory { get; }

    /// <summary>Where metrics and health are to be had over HTTP, or null.</summary>
    public string? Address => _endpoint?.Address;

    /// <summary>What is missing before the role can do its part, or null.</summary>
    public string? WhyNotReady
    {
        get => _whyNotReady;
        set => _whyNotReady = value;
    }

    /// <summary>Opens the HTTP endpoint.</summary>
    /// <inheritdoc cref="RoleEndpoint(string, CollectorRegistry, Func{string})" path="/exception"/>
    public void Listen(string address) => _endpoint = new RoleEndpoint(address, Registry, () => _whyNotReady);

    /// <inheritdoc/>
    public void Dispose() => _endpoint?.Dispose();
}
