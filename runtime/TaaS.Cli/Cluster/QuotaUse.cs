using System.Globalization;
using System.Text.Json.Nodes;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Cli.Cluster;

/// <summary>One line of a queue's quota: what is used of one resource of one flavor, and what may be.</summary>
/// <param name="Flavor">Name of the flavor.</param>
/// <param name="Resource">Name of the resource.</param>
/// <param name="Used">What the queue's jobs hold.</param>
/// <param name="Quota">What they may.</param>
internal sealed record QuotaUse(string Flavor, string Resource, Quantity Used, ResourceQuota Quota)
{
    private static readonly (string Suffix, decimal Factor)[] Binary = [("Ti", 1099511627776m), ("Gi", 1073741824m), ("Mi", 1048576m)];

    /// <summary>Every line of a queue, in the order in which its flavors are tried.</summary>
    public static IReadOnlyList<QuotaUse> Of(Queue queue, QueueStatus status) =>
    [
        .. from quota in queue.Spec.Quotas
           from entry in quota.Resources
           select new QuotaUse(quota.Flavor, entry.Key, UsedOf(status, quota.Flavor, entry.Key), entry.Value),
    ];

    /// <summary>In one piece, such as <c>nvidia.com/gpu 12/80</c>; more than the quota is borrowed.</summary>
    public override string ToString() => $"{Resource} {Amount(Resource, Used)}/{Amount(Resource, Quota.Nominal)}";

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["flavor"] = Flavor,
            ["resource"] = Resource,
            ["used"] = Used.Text,
            ["nominal"] = Quota.Nominal.Text,
        };
        if (Quota.BorrowingLimit is { } borrowing)
        {
            json["borrowingLimit"] = borrowing.Text;
        }

        if (Quota.LendingLimit is { } lending)
        {
            json["lendingLimit"] = lending.Text;
        }

        return json;
    }

    /// <summary>An amount that can be read at a glance: cores with at most one decimal, bytes in the largest unit that leaves a whole number.</summary>
    public static string Amount(string resource, Quantity quantity) =>
        resource is (ResourceName.Memory or ResourceName.EphemeralStorage) && quantity.Value > 0 ? Bytes(quantity.Value) : quantity.Value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Bytes(decimal bytes)
    {
        var (suffix, factor) = Array.Find(Binary, unit => bytes >= unit.Factor && bytes / unit.Factor == decimal.Truncate(bytes / unit.Factor));
        return suffix is not null
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / factor:0}{suffix}")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / Binary[1].Factor:0.#}Gi");
    }

    private static Quantity UsedOf(QueueStatus status, string flavor, string resource) =>
        status.Usage.FirstOrDefault(usage => usage.Flavor == flavor)?.Resources.TryGetValue(resource, out var text) == true && Quantity.TryParse(text, out var used)
            ? used
            : Quantity.TryParse("0", out var nothing) ? nothing : default;
}
