using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Transport;

/// <summary>What roles are given whose certificates come from one authority.</summary>
internal sealed class TestCertificates(string name = "test authority") : IDisposable
{
    private readonly TestAuthority _authority = new(name);

    /// <summary>PEM of the authority.</summary>
    public string AuthorityPath => _authority.Path;

    /// <summary>A certificate for this machine, and its key.</summary>
    public (string Certificate, string Key) Issue() => _authority.Issue();

    /// <summary>What a server has that demands no certificates.</summary>
    public TlsOptions Server(string host = "127.0.0.1", int fromDays = -1, int untilDays = 1)
    {
        var (certificate, key) = _authority.Issue(host, fromDays, untilDays);
        return TlsOptions.Load(certificate, key, null)!;
    }

    /// <summary>What a client has that shows no certificate.</summary>
    public TlsOptions Client() => TlsOptions.Load(null, null, AuthorityPath)!;

    /// <summary>What a role has that shows a certificate and demands one.</summary>
    public TlsOptions Both(int untilDays = 1)
    {
        var (certificate, key) = _authority.Issue(untilDays: untilDays, fromDays: Math.Min(-1, untilDays - 1));
        return TlsOptions.Load(certificate, key, AuthorityPath)!;
    }

    public void Dispose() => _authority.Dispose();
}
