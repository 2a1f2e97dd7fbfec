using System.Text.Json.Nodes;

namespace TaaS.Jobs;

/// <summary>Writes queues and flavors with all their defaults.</summary>
internal static class QueueWriter
{
    public static JsonObject Write(Queue queue) => Resource(Queue.Kind, queue.Name, Write(queue.Spec));

    public static JsonObject Write(ResourceFlavor flavor) => Resource(ResourceFlavor.Kind, flavor.Name, Write(flavor.Spec));

    public static JsonObject Write(QueueSpec spec)
    {
        var map = new JsonObject();
        JobWriter.AddIf(map, "cohort", spec.Cohort);
        map["weight"] = spec.Weight;
        map["quotas"] = JobWriter.List(spec.Quotas, static quota => new JsonObject
        {
            ["flavor"] = quota.Flavor,
            ["resources"] = JobWriter.Map(quota.Resources, WriteQuota),
        });
        if (spec.AllowedUsers.Count > 0)
        {
            map["allowedUsers"] = JobWriter.List(spec.AllowedUsers, static user => user);
        }

        map["preemption"] = new JsonObject { ["withinQueue"] = spec.WithinQueue.ToString(), ["reclaimWithinCohort"] = spec.ReclaimWithinCohort.ToString() };
        map["hold"] = spec.Hold;
        return map;
    }

    public static JsonObject Write(ResourceFlavorSpec spec)
    {
        var map = new JsonObject();
        if (spec.NodeLabels.Count > 0)
        {
            map["nodeLabels"] = JobWriter.Map(spec.NodeLabels, static value => value);
        }

        if (spec.NodeTaints.Count > 0)
        {
            map["nodeTaints"] = JobWriter.List(spec.NodeTaints, static taint =>
            {
                var item = new JsonObject { ["key"] = taint.Key };
                JobWriter.AddIf(item, "value", taint.Value);
                item["effect"] = taint.Effect;
                return item;
            });
        }

        if (spec.Resources.Count > 0)
        {
            map["resources"] = JobWriter.Map(spec.Resources, JobWriter.Amount);
        }

        map["pricePerHour"] = spec.PricePerHour;
        return map;
    }

    private static JsonObject WriteQuota(ResourceQuota quota)
    {
        var map = new JsonObject { ["nominal"] = JobWriter.Amount(quota.Nominal) };
        if (quota.BorrowingLimit is { } borrowing)
        {
            map["borrowingLimit"] = JobWriter.Amount(borrowing);
        }

        if (quota.LendingLimit is { } lending)
        {
            map["lendingLimit"] = JobWriter.Amount(lending);
        }

        return map;
    }

    private static JsonObject Resource(string kind, string name, JsonObject spec) => new()
    {
        ["apiVersion"] = TrainingJob.ApiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = spec,
    };
}
