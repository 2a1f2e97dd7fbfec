namespace TaaS.Operator;

/// <summary>How the operator runs; <c>taas-operator --help</c> lists the same.</summary>
internal sealed record OperatorOptions
{
    /// <summary>Path of a kubeconfig; null looks where kubectl does, and in a pod takes its own account.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Namespace whose jobs are looked after; null for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>Namespace of the lease and of the webhook's secret; null takes the pod's or the context's.</summary>
    public string? OwnNamespace { get; init; }

    /// <summary>Port of metrics and health, on all addresses; 0 for none.</summary>
    public int MetricsPort { get; init; } = 8080;

    /// <summary>Port of the admission webhook, on all addresses; 0 for none.</summary>
    public int WebhookPort { get; init; }

    /// <summary>Service in front of the webhook; its certificate bears that name.</summary>
    public string WebhookService { get; init; } = "taas-operator-webhook";

    /// <summary>Name of the webhook configurations that get the certificate's authority.</summary>
    public string WebhookConfiguration { get; init; } = "taas-operator";

    /// <summary>Image of roles where a job names none.</summary>
    public string RoleImage { get; init; } = "taas:latest";

    /// <summary>Pull policy of that image and of the jobs' own; null leaves it to the cluster.</summary>
    public string? ImagePullPolicy { get; init; }

    /// <summary>Folder of queues and flavors to begin with, made where a cluster has no queue; null for none.</summary>
    public string? Starter { get; init; }

    /// <summary>False acts at once, without a lease: for a single replica, and tests.</summary>
    public bool LeaderElection { get; init; } = true;

    /// <summary>Name of this replica in the lease.</summary>
    public string Identity { get; init; } = $"{Environment.MachineName}_{Guid.NewGuid():N}";

    /// <summary>Jobs worked on at a time.</summary>
    public int Workers { get; init; } = 64;

    /// <summary>Changes of the cluster are gathered for so long before they are decided on.</summary>
    public TimeSpan Debounce { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>A pass runs at least so often.</summary>
    public TimeSpan PassInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A node that has not been ready for so long is taken for lost.</summary>
    public TimeSpan NodeGrace { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Least time between two writes that change only a job's place in the queue.</summary>
    public TimeSpan PositionInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Errors come with their stacks.</summary>
    public bool Verbose { get; init; }
}
