using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TaaS.Runtime.Transport;

/// <summary>Certificates for conversations over TLS. They hold for TCP; a Unix socket does not leave the machine and needs none.</summary>
public sealed class TlsOptions
{
    /// <summary>Certificate of this role in PEM, its own first, then those between it and the authority.</summary>
    public const string CertificateVariable = "TAAS_TLS_CERT";

    /// <summary>Private key of the certificate in PEM.</summary>
    public const string KeyVariable = "TAAS_TLS_KEY";

    /// <summary>Certificates of the authorities that the other side's certificate must come from, in PEM. A server that has them demands one of its clients.</summary>
    public const string AuthoritiesVariable = "TAAS_TLS_CA";

    /// <summary>Certificate of this role with its key, or null. A server needs one; a client shows it where the server asks.</summary>
    public X509Certificate2? Certificate { get; private init; }

    /// <summary>Certificates sent along with <see cref="Certificate"/>.</summary>
    public X509Certificate2Collection Chain { get; } = [];

    /// <summary>Who may have issued the other side's certificate, or null. A client needs them.</summary>
    public X509Certificate2Collection? Authorities { get; private init; }

    /// <summary>Reads the files that the environment names.</summary>
    /// <returns>Null if it names none: conversations go without TLS.</returns>
    /// <exception cref="TrainingException">A file is missing or does not hold what it should.</exception>
    public static TlsOptions? FromEnvironment() => Load(
        Environment.GetEnvironmentVariable(CertificateVariable),
        Environment.GetEnvironmentVariable(KeyVariable),
        Environment.GetEnvironmentVariable(AuthoritiesVariable));

    /// <summary>Reads certificates and key.</summary>
    /// <param name="certificate">Path of the certificate, or null.</param>
    /// <param name="key">Path of its key, or null.</param>
    /// <param name="authorities">Path of the authorities, or null.</param>
    /// <returns>Null if no path is given.</returns>
    /// <exception cref="TrainingException">A file is missing or does not hold what it should.</exception>
    public static TlsOptions? Load(string? certificate, string? key, string? authorities)
    {
        (certificate, key, authorities) = (Given(certificate), Given(key), Given(authorities));
        if ((certificate is null) != (key is null))
        {
            throw certificate is null
                ? new TrainingException($"{KeyVariable} is set and {CertificateVariable} is not; a key needs its certificate")
                : new TrainingException($"{CertificateVariable} is set and {KeyVariable} is not; a certificate needs its key");
        }

        if (certificate is null && authorities is null)
        {
            return null;
        }

        var chain = certificate is null ? [] : ReadCertificates(CertificateVariable, certificate);
        var tls = new TlsOptions
        {
            Certificate = certificate is null ? null : ReadOwn(certificate, key!),
            Authorities = authorities is null ? null : ReadCertificates(AuthoritiesVariable, authorities),
        };
        tls.Chain.AddRange(chain);
        return tls;
    }

    private static string? Given(string? path) => string.IsNullOrEmpty(path) ? null : path;

    private static X509Certificate2 ReadOwn(string certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TrainingException($"{CertificateVariable} '{certificate}' and {KeyVariable} '{key}' cannot be used together: {error.Message}", error);
        }
    }

    private static X509Certificate2Collection ReadCertificates(string variable, string path)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{variable} '{path}' cannot be read: {error.Message}", error);
        }

        return certificates.Count > 0
            ? certificates
            : throw new TrainingException($"{variable} '{path}' holds no certificate; expected PEM, which begins with -----BEGIN CERTIFICATE-----");
    }
}
