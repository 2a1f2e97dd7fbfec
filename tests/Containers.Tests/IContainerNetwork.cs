namespace TaaS.Containers.Tests;

/// <summary>How the containers of a job reach each other.</summary>
internal interface IContainerNetwork : IAsyncDisposable
{
    /// <summary>Flags that place a role on the network.</summary>
    IEnumerable<string> Flags(string role);

    /// <summary>Where others reach a role.</summary>
    string Address(string role);
}
