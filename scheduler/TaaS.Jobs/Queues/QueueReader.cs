namespace TaaS.Jobs;

/// <summary>Which fields queues and flavors have.</summary>
internal static class QueueReader
{
    public static readonly IReadOnlyDictionary<string, PreemptionPolicy> Policies = Enum.GetValues<PreemptionPolicy>().ToDictionary(static policy => policy.ToString(), StringComparer.Ordinal);

    private const int MostFlavors = 32;
    private const int MostResources = 32;
    private const int MostUsers = 256;

    private static readonly TextRule Cohort = new("a name or a path of names such as research/vision", FieldPatterns.Cohort(), 253);

    private static readonly TextRule User = new("a user, group:NAME or namespace:NAME", FieldPatterns.User(), 253);

    public static Queue ReadQueue(FieldMap root)
    {
        var queue = new Queue(ReadName(root, Queue.Kind), ReadQueueSpec(root.Map("spec", required: true)));
        root.RefuseOthers();
        return queue;
    }

    public static ResourceFlavor ReadFlavor(FieldMap root)
    {
        var flavor = new ResourceFlavor(ReadName(root, ResourceFlavor.Kind), ReadFlavorSpec(root.Map("spec", required: true)));
        root.RefuseOthers();
        return flavor;
    }

    public static QueueSpec ReadQueueSpec(FieldMap map)
    {
        var defaults = new QueueSpec();
        var preemption = map.Map("preemption");
        var spec = new QueueSpec
        {
            Cohort = map.Text("cohort", Cohort),
            Weight = map.Number("weight", defaults.Weight, NumberRule.Positive),
            Quotas = map.List("quotas", new ListRule(MostFlavors, Least: 1, Key: "flavor"), ReadQuota),
            AllowedUsers = map.Texts("allowedUsers", new ListRule(MostUsers, Key: ""), User),
            WithinQueue = preemption.OneOf("withinQueue", defaults.WithinQueue, Policies),
            ReclaimWithinCohort = preemption.OneOf("reclaimWithinCohort", defaults.ReclaimWithinCohort, Policies),
            Hold = map.Boolean("hold", false),
        };
        preemption.RefuseOthers();
        map.RefuseOthers();
        return spec;
    }

    public static ResourceFlavorSpec ReadFlavorSpec(FieldMap map)
    {
        var spec = new ResourceFlavorSpec
        {
            NodeLabels = ReplicaReader.Labels(map, "nodeLabels"),
            NodeTaints = ReplicaReader.Taints(map, "nodeTaints"),
            Resources = ReplicaReader.Resources(map, "resources"),
            PricePerHour = (decimal)map.Number("pricePerHour", 0, new NumberRule("a price", 0, true, 1_000_000, true)),
        };
        map.RefuseOthers();
        return spec;
    }

    private static string ReadName(FieldMap root, string kind)
    {
        JobReader.ReadHead(root, kind);
        var metadata = root.Map("metadata", required: true);
        var name = metadata.Text("name", TextRule.Name, required: true);
        metadata.Map("labels");
        metadata.Map("annotations");
        metadata.RefuseOthers();
        return name;
    }

    private static FlavorQuota ReadQuota(FieldMap map)
    {
        var quota = new FlavorQuota(
            map.Text("flavor", TextRule.Name, required: true),
            map.Entries("resources", new EntriesRule(MostResources, ReplicaReader.ResourceRule, Least: 1), static (fields, name) =>
            {
                var resource = fields.Map(name);
                var amount = new ResourceQuota(
                    resource.Amount("nominal", name, required: true) ?? default,
                    resource.Amount("borrowingLimit", name),
                    resource.Amount("lendingLimit", name));
                resource.RefuseOthers();
                return amount;
            }));
        map.RefuseOthers();
        return quota;
    }
}
