using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TaaS;

/// <summary>An authority and the certificates it issues, made anew and written as PEM files, as a user would have them.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly string _folder = Directory.CreateTempSubdirectory("taas-tls-").FullName;
    private readonly X509Certificate2 _authority;
    private int _issued;

    public TestAuthority(string name = "test authority")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(Now.AddDays(-30), Now.AddDays(30));
        File.WriteAllText(Path, _authority.ExportCertificatePem());
    }

    /// <summary>PEM of the authority.</summary>
    public string Path => System.IO.Path.Combine(_folder, "ca.pem");

    /// <summary>Issues a certificate.</summary>
    /// <param name="host">Name or IP address it is for.</param>
    /// <param name="fromDays">Beginning of its time, in days from now.</param>
    /// <param name="untilDays">End of its time, in days from now.</param>
    public (string Certificate, string Key) Issue(string host = "127.0.0.1", int fromDays = -1, int untilDays = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=taas {host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_authority, Now.AddDays(fromDays), Now.AddDays(untilDays), BitConverter.GetBytes(++_issued));
        var path = System.IO.Path.Combine(_folder, $"{_issued}");
        File.WriteAllText($"{path}.pem", certificate.ExportCertificatePem());
        File.WriteAllText($"{path}.key", key.ExportPkcs8PrivateKeyPem());
        return ($"{path}.pem", $"{path}.key");
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
