using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using k8s.Models;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>The webhook's certificate and the authority that signed it, made by the operator itself and kept in a Secret, so that all replicas show the same.</summary>
internal sealed class WebhookCertificate
{
    /// <summary>Name of the Secret.</summary>
    public const string SecretName = "taas-operator-webhook";

    private const string AuthorityKey = "ca.crt";
    private const string CertificateKey = "tls.crt";
    private const string PrivateKey = "tls.key";
    private const string StampKeyKey = "stamp.key";
    private const int StampKeyBytes = 32;

    private static readonly TimeSpan Life = TimeSpan.FromDays(3650);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(90);

    /// <summary>Clocks of servers may be behind ours.</summary>
    private static readonly TimeSpan Backdated = TimeSpan.FromHours(24);

    private WebhookCertificate(X509Certificate2 certificate, byte[] authority, byte[] stampKey) => (Certificate, Authority, StampKey) = (certificate, authority, stampKey);

    /// <summary>What the webhook shows.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The authority's certificate in PEM, as webhook configurations take it.</summary>
    public byte[] Authority { get; }

    /// <summary>What <see cref="SubmitterStamp"/> is signed with.</summary>
    public byte[] StampKey { get; }

    /// <summary>Reads the Secret, or makes it.</summary>
    public static async Task<WebhookCertificate> ObtainAsync(ApiClient client, string space, string service, DateTimeOffset now, CancellationToken cancel)
    {
        var host = $"{service}.{space}.svc";
        var kept = await client.FindAsync(ResourceKinds.Secrets, space, SecretName, cancel).ConfigureAwait(false);
        if (kept is not null && Read(kept, host, now) is { } usable)
        {
            return usable;
        }

        // A certificate is renewed; jobs that were stamped before must stay their owners'.
        var stampKey = kept?.Data is { } data && data.TryGetValue(StampKeyKey, out var known) && known.Length == StampKeyBytes ? known : RandomNumberGenerator.GetBytes(StampKeyBytes);
        var made = Make(space, host, stampKey, now);
        try
        {
            if (kept is null)
            {
                await client.CreateAsync(ResourceKinds.Secrets, made, cancel).ConfigureAwait(false);
            }
            else
            {
                var patch = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["resourceVersion"] = kept.Metadata.ResourceVersion },
                    ["data"] = new JsonObject([.. made.Data.Select(static entry => KeyValuePair.Create(entry.Key, (JsonNode?)Convert.ToBase64String(entry.Value)))]),
                };
                await client.PatchAsync(ResourceKinds.Secrets, space, SecretName, patch, cancel).ConfigureAwait(false);
            }
        }
        catch (ApiException error) when (error.Failure is ApiFailure.AlreadyExists or ApiFailure.Conflict)
        {
            // Another replica was first: its certificate is ours too.
            made = await client.GetAsync(ResourceKinds.Secrets, space, SecretName, cancel).ConfigureAwait(false);
        }

        return Read(made, host, now) ?? throw new ApiException(ApiFailure.Invalid, $"the Secret {SecretName} in {space} holds no usable certificate for {host}; delete it, and it is made anew");
    }

    private static WebhookCertificate? Read(V1Secret secret, string host, DateTimeOffset now)
    {
        if (secret.Data is not { } data || !data.TryGetValue(AuthorityKey, out var authority) || !data.TryGetValue(CertificateKey, out var certificate) || !data.TryGetValue(PrivateKey, out var key)
            || !data.TryGetValue(StampKeyKey, out var stampKey) || stampKey.Length != StampKeyBytes)
        {
            return null;
        }

        try
        {
            using var pair = X509Certificate2.CreateFromPem(System.Text.Encoding.ASCII.GetString(certificate), System.Text.Encoding.ASCII.GetString(key));
            // TLS wants a key that it can use, which one from PEM is not everywhere.
            var usable = X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
            return usable.MatchesHostname(host) && usable.NotAfter.ToUniversalTime() - RenewBefore > now.UtcDateTime ? new WebhookCertificate(usable, authority, stampKey) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static V1Secret Make(string space, string host, byte[] stampKey, DateTimeOffset now)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=taas-operator-webhook-ca", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        authorityRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, false));
        using var authority = authorityRequest.CreateSelfSigned(now - Backdated, now + Life);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddDnsName($"{host}.cluster.local");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = request.Create(authority, now - Backdated, authority.NotAfter, RandomNumberGenerator.GetBytes(16));
        return new V1Secret
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Metadata = new V1ObjectMeta { Name = SecretName, NamespaceProperty = space },
            Type = "kubernetes.io/tls",
            Data = new Dictionary<string, byte[]>
            {
                [AuthorityKey] = System.Text.Encoding.ASCII.GetBytes(authority.ExportCertificatePem()),
                [CertificateKey] = System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()),
                [PrivateKey] = System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()),
                [StampKeyKey] = stampKey,
            },
        };
    }
}
