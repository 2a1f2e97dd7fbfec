namespace TaaS.Runtime.Observability;

/// <summary>What shows a role to those outside: its log, its metrics, and the HTTP endpoint if one is asked for.</summary>
internal sealed class RoleObservation : IDisposable
{
    private readonly Action<RoleMessage> _send;

    private RoleObservation(string role, Action<RoleMessage> send)
    {
        (Log, _send) = (new RoleLogger(send), send);
        Metrics = new RoleMetrics(role);
    }

    /// <summary>Opens what the place of a role in a process of its own asks for.</summary>
    /// <exception cref="TrainingException">The endpoint cannot be had where <c>TAAS_HTTP</c> wants it.</exception>
    public static RoleObservation Open(RoleEnvironment place, RoleReporter reporter)
    {
        var observation = new RoleObservation(place.RoleName, reporter.Send);
        if (place.Http is { } http)
        {
            observation.Listen(http, isWanted: !place.IsSupervised);
        }

        return observation;
    }

    /// <summary>Opens what a role within the command's own process shows.</summary>
    /// <param name="role">Name of the role.</param>
    /// <param name="send">Takes what it says.</param>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static RoleObservation OpenLocal(string role, Action<RoleMessage> send)
    {
        var observation = new RoleObservation(role, send);
        var http = RoleEnvironment.ReadHttp();
        observation.Listen(http ?? "127.0.0.1:0", isWanted: http is not null);
        return observation;
    }

    /// <summary>The role's log.</summary>
    public RoleLogger Log { get; }

    /// <summary>The role's metrics.</summary>
    public RoleMetrics Metrics { get; }

    /// <summary>Tells the user one line; it is in the log as well.</summary>
    public void Notice(string line) => _send(new RoleMessage { Kind = RoleMessageKind.Notice, Text = line });

    /// <inheritdoc/>
    public void Dispose() => Metrics.Dispose();

    // An endpoint that nobody asked for is no reason not to train.
    private void Listen(string http, bool isWanted)
    {
        try
        {
            Metrics.Listen(http);
        }
        catch (TrainingException error) when (!isWanted)
        {
            Log.NoEndpoint(error.Message);
            return;
        }

        _send(new RoleMessage { Kind = RoleMessageKind.Endpoint, Address = Metrics.Address });
    }
}
