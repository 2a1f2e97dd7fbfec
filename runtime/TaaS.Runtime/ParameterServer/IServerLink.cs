namespace TaaS.Runtime.ParameterServer;

/// <summary>A worker's line to one server, on which one exchange goes on at a time. Used by one thread.</summary>
internal interface IServerLink : IDisposable
{
    /// <summary>Payload sent and received so far; nothing where no bytes travel.</summary>
    StoreTraffic Traffic => default;

    /// <summary>Asks questions; returns at once. Whatever is open of the last exchange is forgotten.</summary>
    /// <inheritdoc cref="LinkExchange.Begin" path="/param"/>
    void Begin(LinkRequest[] requests, long step, uint generation, bool isHeld);

    /// <inheritdoc cref="LinkExchange.Release"/>
    void Release(int request);

    /// <inheritdoc cref="LinkExchange.ReleaseAll"/>
    void ReleaseAll();

    /// <summary>Waits until all is answered.</summary>
    /// <param name="waitingFor">What is waited for, for the message.</param>
    /// <exception cref="TrainingException">The server refused, was lost, or the wait ran out.</exception>
    LinkOutcome Wait(string waitingFor);
}
