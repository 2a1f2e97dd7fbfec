namespace TaaS.Jobs;

/// <summary>Which fields the replicas of a role have.</summary>
internal static class ReplicaReader
{
    public const int MostReplicas = 100_000;

    // More, and the schema's rule on devices would cost an API server more than it allows.
    private const int MostResources = 12;
    private const int MostLabels = 64;
    private const int MostTaints = 64;
    private const int MostTerms = 32;
    private const int MostVariables = 256;

    private static readonly Dictionary<string, string> Effects = Words(Taint.NoSchedule, Taint.PreferNoSchedule, Taint.NoExecute);

    // POSIX allows more; the API takes these.
    private static readonly TextRule VariableName = new("a variable's name: letters, digits, '_', '-' and '.', no digit first", FieldPatterns.VariableName(), 256);

    public static IReadOnlyDictionary<string, ReplicaSpec> Read(FieldMap map)
    {
        var replicas = new Dictionary<string, ReplicaSpec>(StringComparer.Ordinal);
        foreach (var role in Role.All)
        {
            var isThere = map.Has(role);
            var fields = map.Map(role, required: role == Role.Worker);
            if (isThere)
            {
                replicas[role] = ReadReplica(fields, role == Role.Worker);
            }
        }

        map.RefuseOthers();
        return replicas;
    }

    public static IReadOnlyDictionary<string, Quantity> Resources(FieldMap map, string key) =>
        map.Entries(key, new EntriesRule(MostResources, ResourceRule), static (fields, name) => fields.Amount(name, name) ?? default);

    public static IReadOnlyDictionary<string, string> Labels(FieldMap map, string key) =>
        map.Entries(key, new EntriesRule(MostLabels, TextRule.LabelKey), static (fields, name) => fields.Text(name, TextRule.LabelValue));

    public static IReadOnlyList<Taint> Taints(FieldMap map, string key) =>
        map.List(key, new ListRule(MostTaints), static fields =>
        {
            var taint = new Taint(
                fields.Text("key", TextRule.LabelKey, required: true),
                fields.Text("value", TextRule.LabelValue),
                fields.OneOf("effect", Taint.NoSchedule, Effects, Default.OfOthers, required: true));
            fields.RefuseOthers();
            return taint;
        });

    /// <summary>What a container may ask for.</summary>
    public static TextRule ResourceRule { get; } = new("cpu, memory, ephemeral-storage, hugepages-SIZE or a device's DOMAIN/NAME such as nvidia.com/gpu", FieldPatterns.ResourceName(), 317);

    private static ReplicaSpec ReadReplica(FieldMap map, bool isElastic)
    {
        var replica = new ReplicaSpec
        {
            Count = map.Integer("count", 1, least: isElastic ? 1 : 0, most: MostReplicas),
            Min = isElastic ? map.OptionalInteger("min", 1, MostReplicas) : null,
            Max = isElastic ? map.OptionalInteger("max", 1, MostReplicas) : null,
            Resources = Resources(map, "resources"),
            Flavor = map.OptionalText("flavor", TextRule.Name),
            NodeSelector = Labels(map, "nodeSelector"),
            Affinity = map.Optional("affinity", ReadAffinity) ?? NodeAffinity.None,
            Tolerations = map.List("tolerations", new ListRule(MostTaints), ReadToleration),
            Env = map.Entries("env", new EntriesRule(MostVariables, VariableName), static (fields, name) => fields.Text(name, TextRule.Any with { MaxLength = 32_768, CanBeEmpty = true })),
        };
        map.RefuseOthers();
        return replica;
    }

    private static Toleration ReadToleration(FieldMap map)
    {
        var key = map.Text("key", TextRule.LabelKey with { CanBeEmpty = true, Pattern = null });
        var op = map.OneOf("operator", "Equal", Words("Equal", "Exists"));
        var toleration = new Toleration(
            key,
            op,
            map.Text("value", TextRule.LabelValue),
            map.OneOf("effect", "", Words([.. Effects.Keys]), Default.OfOthers),
            map.OptionalInteger("tolerationSeconds", 0, int.MaxValue));
        if (key.Length == 0 && op != "Exists")
        {
            map.Report("key", "is empty; only operator Exists goes with any key");
        }

        if (op == "Exists" && toleration.Value.Length > 0)
        {
            map.Report("value", "goes with operator Equal only");
        }

        if (toleration.Seconds is not null && toleration.Effect != Taint.NoExecute)
        {
            map.Report("tolerationSeconds", "goes with effect NoExecute only");
        }

        map.RefuseOthers();
        return toleration;
    }

    private static NodeAffinity ReadAffinity(FieldMap map)
    {
        const string why = "is not supported: the scheduler places pods by nodes alone; use nodeAffinity, spec.placement or taints";
        map.Refuse("podAffinity", why);
        map.Refuse("podAntiAffinity", why);
        var node = map.Map("nodeAffinity");
        map.RefuseOthers();
        var affinity = new NodeAffinity(
            node.Optional("requiredDuringSchedulingIgnoredDuringExecution", static required =>
            {
                var terms = required.List("nodeSelectorTerms", new ListRule(MostTerms, Least: 1), ReadTerm);
                required.RefuseOthers();
                return terms;
            }) ?? [],
            node.List("preferredDuringSchedulingIgnoredDuringExecution", new ListRule(MostTerms), static fields =>
            {
                var term = new PreferredTerm(fields.Integer("weight", 1, least: 1, most: 100, Default.OfOthers), ReadTerm(fields.Map("preference", required: true)));
                fields.RefuseOthers();
                return term;
            }));
        node.RefuseOthers();
        return affinity;
    }

    private static NodeSelectorTerm ReadTerm(FieldMap map)
    {
        var term = new NodeSelectorTerm(
            map.List("matchExpressions", new ListRule(MostTerms), static fields => ReadRequirement(fields, TextRule.LabelKey, TextRule.LabelValue, MostTerms)),
            map.List("matchFields", new ListRule(MostTerms), static fields => ReadRequirement(fields, new TextRule("metadata.name", FieldPatterns.NodeField(), 13), TextRule.ObjectName, mostValues: 1)));
        map.RefuseOthers();
        return term;
    }

    private static NodeRequirement ReadRequirement(FieldMap map, TextRule key, TextRule value, int mostValues)
    {
        var requirement = new NodeRequirement(
            map.Text("key", key, required: true),
            map.OneOf("operator", "In", Words("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"), Default.OfOthers, required: true),
            map.Texts("values", new ListRule(mostValues), value));
        var count = requirement.Values.Count;
        var expected = requirement.Operator switch
        {
            "In" or "NotIn" when count == 0 => "at least one value",
            "Exists" or "DoesNotExist" when count > 0 => "no values",
            "Gt" or "Lt" when count != 1 || !long.TryParse(requirement.Values[0], System.Globalization.CultureInfo.InvariantCulture, out _) => "one whole number",
            _ => null,
        };
        if (expected is not null)
        {
            map.Report("values", $"expected {expected} with operator {requirement.Operator}, got {(count == 0 ? "none" : string.Join(", ", requirement.Values))}");
        }

        map.RefuseOthers();
        return requirement;
    }

    private static Dictionary<string, string> Words(params string[] words) => words.ToDictionary(static word => word, StringComparer.Ordinal);
}
