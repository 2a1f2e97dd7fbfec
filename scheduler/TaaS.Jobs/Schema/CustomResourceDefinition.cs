using System.Text.Json.Nodes;

namespace TaaS.Jobs;

/// <summary>Our kinds as an API server learns them (apiextensions.k8s.io/v1), made from the readers themselves.</summary>
public sealed class CustomResourceDefinition
{
    private readonly JsonObject _definition;

    private CustomResourceDefinition(string kind, string plural, JsonObject definition) => (Kind, Plural, _definition) = (kind, plural, definition);

    /// <summary>Kind.</summary>
    public string Kind { get; }

    /// <summary>Name in paths, such as <c>trainingjobs</c>.</summary>
    public string Plural { get; }

    /// <summary>Name of the definition, such as <c>trainingjobs.taas.dev</c>.</summary>
    public string Name => $"{Plural}.{TrainingJob.Group}";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<CustomResourceDefinition> All { get; } = [OfTrainingJob(), OfQueue(), OfResourceFlavor()];

    /// <summary>The definition as YAML.</summary>
    public string ToYaml() => JsonYaml.Write(_definition);

    /// <summary>The definition as JSON.</summary>
    public JsonObject ToJson() => _definition.DeepClone().AsObject();

    private static CustomResourceDefinition OfTrainingJob() => Make(
        TrainingJob.Kind, "trainingjobs", "tj", isNamespaced: true,
        new SchemaNotes(FieldDescriptions.TrainingJob, CelRules.TrainingJob),
        static spec => JobReader.ReadSpec(spec),
        notes => StatusSchema.Of("status", StatusJson.Default.TrainingJobStatus, notes),
        [
            Column("Queue", "string", ".spec.queue"),
            Column("Phase", "string", ".status.phase"),
            Column("Workers", "integer", ".status.workers"),
            Column("Why", "string", ".status.reason"),
            Column("Position", "integer", ".status.queuePosition"),
            Column("Age", "date", ".metadata.creationTimestamp"),
            Column("Priority", "integer", ".spec.priority", isWide: true),
            Column("Attempt", "integer", ".status.attempt", isWide: true),
            Column("Earliest", "string", ".status.earliestStart", isWide: true),
            Column("Message", "string", ".status.message", isWide: true),
        ],
        new JsonObject { ["specReplicasPath"] = ".spec.replicas.worker.count", ["statusReplicasPath"] = ".status.workers", ["labelSelectorPath"] = ".status.selector" });

    private static CustomResourceDefinition OfQueue() => Make(
        Queue.Kind, "queues", "tq", isNamespaced: false,
        new SchemaNotes(FieldDescriptions.Queue, CelRules.Queue),
        static spec => QueueReader.ReadQueueSpec(spec),
        notes => StatusSchema.Of("status", StatusJson.Default.QueueStatus, notes),
        [
            Column("Cohort", "string", ".spec.cohort"),
            Column("Weight", "number", ".spec.weight"),
            Column("Waiting", "integer", ".status.waiting"),
            Column("Running", "integer", ".status.running"),
            Column("Hold", "boolean", ".spec.hold"),
            Column("Active", "string", $".status.conditions[?(@.type==\"{ConditionType.Active}\")].status"),
            Column("Age", "date", ".metadata.creationTimestamp"),
        ]);

    private static CustomResourceDefinition OfResourceFlavor() => Make(
        ResourceFlavor.Kind, "resourceflavors", "flavor", isNamespaced: false,
        new SchemaNotes(FieldDescriptions.ResourceFlavor, CelRules.ResourceFlavor),
        static spec => QueueReader.ReadFlavorSpec(spec),
        status: null,
        [
            Column("Price", "number", ".spec.pricePerHour"),
            Column("CPU", "string", ".spec.resources.cpu"),
            Column("Memory", "string", ".spec.resources.memory"),
            Column("Age", "date", ".metadata.creationTimestamp"),
        ]);

    private static CustomResourceDefinition Make(
        string kind, string plural, string shortName, bool isNamespaced, SchemaNotes notes,
        Action<FieldMap> readSpec, Func<SchemaNotes, JsonObject>? status, JsonArray columns, JsonObject? scale = null)
    {
        var version = new JsonObject
        {
            ["name"] = TrainingJob.Version,
            ["served"] = true,
            ["storage"] = true,
            ["schema"] = new JsonObject { ["openAPIV3Schema"] = Schema(notes, readSpec, status?.Invoke(notes)) },
            ["additionalPrinterColumns"] = columns,
        };
        if (status is not null)
        {
            var subresources = new JsonObject { ["status"] = new JsonObject() };
            if (scale is not null)
            {
                subresources["scale"] = scale;
            }

            version["subresources"] = subresources;
        }

        return notes.Unused.FirstOrDefault() is { } path
            ? throw new InvalidOperationException($"{kind}: '{path}' is described, and no reader asks for it")
            : new CustomResourceDefinition(kind, plural, new JsonObject
            {
                ["apiVersion"] = "apiextensions.k8s.io/v1",
                ["kind"] = "CustomResourceDefinition",
                ["metadata"] = new JsonObject { ["name"] = $"{plural}.{TrainingJob.Group}", ["labels"] = new JsonObject { ["app.kubernetes.io/part-of"] = "taas" } },
                ["spec"] = new JsonObject
                {
                    ["group"] = TrainingJob.Group,
                    ["names"] = new JsonObject
                    {
                        ["kind"] = kind,
                        ["listKind"] = kind + "List",
                        ["plural"] = plural,
                        ["singular"] = kind.ToLowerInvariant(),
                        ["shortNames"] = new JsonArray(shortName),
                        ["categories"] = new JsonArray("taas"),
                    },
                    ["scope"] = isNamespaced ? "Namespaced" : "Cluster",
                    ["versions"] = new JsonArray(version),
                },
            });
    }

    private static JsonObject Schema(SchemaNotes notes, Action<FieldMap> readSpec, JsonObject? status)
    {
        var spec = new SchemaFieldMap("spec", notes);
        readSpec(spec);
        var properties = new JsonObject
        {
            ["apiVersion"] = new JsonObject { ["type"] = "string" },
            ["kind"] = new JsonObject { ["type"] = "string" },
            ["metadata"] = new JsonObject { ["type"] = "object" },
            ["spec"] = spec.Schema,
        };
        if (status is not null)
        {
            properties["status"] = status;
        }

        var root = new JsonObject { ["type"] = "object", ["required"] = new JsonArray("spec"), ["properties"] = properties };
        notes.Annotate("", root);
        return root;
    }

    private static JsonObject Column(string name, string type, string path, bool isWide = false)
    {
        var column = new JsonObject { ["name"] = name, ["type"] = type, ["jsonPath"] = path };
        if (isWide)
        {
            column["priority"] = 1;
        }

        return column;
    }
}
