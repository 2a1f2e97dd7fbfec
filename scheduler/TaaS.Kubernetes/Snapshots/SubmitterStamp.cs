using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Kubernetes;

/// <summary>
/// Who submitted a job, as annotations that the admission webhook sets and signs. A stamp that nobody signed, one of another namespace
/// or one copied from an earlier job is worth nothing: so a job may come in while the webhook is away, and belongs to nobody known.
/// </summary>
/// <param name="User">Name of the user.</param>
/// <param name="Groups">Groups of the user, parted by commas.</param>
/// <param name="Time">When it was stamped, as RFC 3339 writes it.</param>
/// <param name="Signature">HMAC-SHA256 of the rest and the job's namespace, in base 64.</param>
public sealed record SubmitterStamp(string? User, string? Groups, string? Time, string? Signature)
{
    /// <summary>Annotation: name of the user.</summary>
    public const string UserAnnotation = TrainingJob.Group + "/user";

    /// <summary>Annotation: groups of the user.</summary>
    public const string GroupsAnnotation = TrainingJob.Group + "/groups";

    /// <summary>Annotation: when it was stamped.</summary>
    public const string TimeAnnotation = TrainingJob.Group + "/stamped";

    /// <summary>Annotation: the signature.</summary>
    public const string SignatureAnnotation = TrainingJob.Group + "/signature";

    // Metadata in the cache is never changed, so what was checked once with a key holds.
    private static readonly ConditionalWeakTable<V1ObjectMeta, Checked> Known = [];

    // A job is created moments after it is stamped; clocks of servers differ.
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <summary>No stamp.</summary>
    public static SubmitterStamp None { get; } = new(null, null, null, null);

    /// <summary>The annotations by name; null for one that is not to be there.</summary>
    public IEnumerable<(string Name, string? Value)> Annotations =>
        [(UserAnnotation, User), (GroupsAnnotation, Groups), (TimeAnnotation, Time), (SignatureAnnotation, Signature)];

    /// <summary>Stamps a job that is about to be created.</summary>
    public static SubmitterStamp Sign(byte[] key, string space, string user, string groups, DateTimeOffset now)
    {
        var time = now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return new SubmitterStamp(user, groups, time, Mark(key, space, user, groups, time));
    }

    /// <summary>The stamp that annotations hold, good or bad.</summary>
    public static SubmitterStamp Of(Func<string, string?> annotation) =>
        new(annotation(UserAnnotation), annotation(GroupsAnnotation), annotation(TimeAnnotation), annotation(SignatureAnnotation));

    /// <summary>Who submitted a job: its namespace, and user and groups where its stamp is good.</summary>
    /// <param name="metadata">The job's.</param>
    /// <param name="key">What the webhook signs with; null where none runs, and nothing is believed.</param>
    public static Submitter Verified(V1ObjectMeta metadata, byte[]? key)
    {
        if (!Known.TryGetValue(metadata, out var known) || !ReferenceEquals(known.Key, key))
        {
            var stamp = Of(metadata);
            known = new Checked(key, (key is not null && stamp.IsGood(key, metadata) ? stamp : None).Submitter(metadata));
            Known.AddOrUpdate(metadata, known);
        }

        return known.Submitter;
    }

    /// <summary>Who submitted a job as its stamp says, for whoever has no key to check it with.</summary>
    public static Submitter Noted(V1ObjectMeta metadata) => Of(metadata).Submitter(metadata);

    private static SubmitterStamp Of(V1ObjectMeta metadata) => Of(name => metadata.Annotations is { } annotations && annotations.TryGetValue(name, out var value) ? value : null);

    private Submitter Submitter(V1ObjectMeta metadata) => new(metadata.NamespaceProperty, User, (Groups ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries));

    private bool IsGood(byte[] key, V1ObjectMeta metadata) =>
        User is not null && Groups is not null && Time is not null && Signature is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Signature), Encoding.ASCII.GetBytes(Mark(key, metadata.NamespaceProperty, User, Groups, Time)))
        && DateTimeOffset.TryParse(Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var stamped)
        && metadata.CreationTimestamp is { } created
        && (new DateTimeOffset(created.ToUniversalTime()) - stamped).Duration() <= Life;

    // Lengths part the fields: no two lists of fields give the same bytes.
    private static string Mark(byte[] key, params string[] fields) =>
        Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(string.Concat(fields.Select(static field => $"{field.Length}:{field}")))));

    private sealed record Checked(byte[]? Key, Submitter Submitter);
}
