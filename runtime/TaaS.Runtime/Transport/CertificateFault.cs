using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace TaaS.Runtime.Transport;

/// <summary>Says in one line why a certificate is not to be trusted.</summary>
internal static class CertificateFault
{
    private const X509ChainStatusFlags UnknownIssuer = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    /// <summary>Describes the first thing that is wrong.</summary>
    /// <param name="certificate">What the other side showed.</param>
    /// <param name="chain">How it was followed to an authority.</param>
    /// <param name="errors">What was found.</param>
    /// <param name="host">Name that it was to bear.</param>
    /// <returns>Null if nothing is wrong.</returns>
    public static string? Describe(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, string host)
    {
        if (errors == SslPolicyErrors.None)
        {
            return null;
        }

        if (certificate is not X509Certificate2 shown || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return $"it shows no certificate; set {TlsOptions.CertificateVariable} and {TlsOptions.KeyVariable} there";
        }

        var statuses = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status) ?? X509ChainStatusFlags.NoError;
        if ((statuses & UnknownIssuer) != 0)
        {
            return $"its certificate '{shown.Subject}' comes from '{shown.Issuer}', which is not among the authorities of {TlsOptions.AuthoritiesVariable}";
        }

        if (statuses.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return shown.NotAfter < Clock() ? $"its certificate '{shown.Subject}' expired at {Time(shown.NotAfter)}" : NotYet(shown);
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"its certificate is for {Names(shown)}, not for '{host}'; connect by a name of the certificate, or issue one for this name";
        }

        return $"its certificate '{shown.Subject}' is not valid: {statuses}";
    }

    private static DateTime Clock() => TimeProvider.System.GetLocalNow().DateTime;

    private static string NotYet(X509Certificate2 shown) =>
        shown.NotBefore > Clock()
            ? $"its certificate '{shown.Subject}' is not valid before {Time(shown.NotBefore)}; check the clocks of both machines"
            : $"an authority of its certificate '{shown.Subject}' has expired";

    private static string Time(DateTime local) => local.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())))
            .Select(name => $"'{name}'")
            .ToArray();
        return names.Length > 0 ? string.Join(", ", names) : "no host";
    }
}
