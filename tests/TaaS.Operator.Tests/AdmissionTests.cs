using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using TaaS.Kubernetes;

namespace TaaS.Operator.Tests;

/// <summary>What the webhook says of a job on its way in. Lost otherwise: anybody's jobs in a queue that is not theirs, and mistakes that show up an hour later.</summary>
public sealed class AdmissionTests
{
    private static readonly byte[] Key = Encoding.UTF8.GetBytes("a key of thirty-two bytes, as is");
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void NewJob_IsStampedWithWhoSubmittedIt()
    {
        var submitter = SubmitterStamp.Verified(Created(Stamped(Job())), Key);

        Assert.Equal(("team-a", "alice"), (submitter.Namespace, submitter.User));
        Assert.Equal(["vision", "system:authenticated"], submitter.Groups);
    }

    [Fact]
    public void NewJob_WithAStampOfItsOwn_GetsTheTrueOne()
    {
        var forged = SubmitterStamp.Sign(Encoding.UTF8.GetBytes("another key"), "team-a", "root", "admins", Now).Annotations;

        Assert.Equal("alice", SubmitterStamp.Verified(Created(Stamped(Job(forged))), Key).User);
    }

    [Fact]
    public void NewJob_OfAnUnknownUser_LosesTheStampThatItBrings()
    {
        var job = Job(SubmitterStamp.Sign(Key, "team-a", "root", "admins", Now).Annotations);

        Assert.Null(SubmitterStamp.Verified(Created(Apply(job, AdmissionReview.Mutate(Review("CREATE", job, user: null), Key, Now))), Key).User);
    }

    [Theory]
    [InlineData("team-b", 0)]
    [InlineData("team-a", 6)]
    [InlineData("team-a", -6)]
    public void Stamp_CopiedToAnotherNamespaceOrALaterJob_IsWorthNothing(string space, int minutes)
    {
        var metadata = Created(Stamped(Job()));
        metadata.NamespaceProperty = space;
        metadata.CreationTimestamp = Now.UtcDateTime.AddMinutes(minutes);

        Assert.Null(SubmitterStamp.Verified(metadata, Key).User);
    }

    [Theory]
    [InlineData(SubmitterStamp.UserAnnotation, "bob")]
    [InlineData(SubmitterStamp.GroupsAnnotation, "admins")]
    [InlineData(SubmitterStamp.TimeAnnotation, "2026-03-01T12:00:01Z")]
    [InlineData(SubmitterStamp.SignatureAnnotation, "")]
    public void Stamp_WithOneWordChanged_IsWorthNothing(string annotation, string value)
    {
        var metadata = Created(Stamped(Job()));
        metadata.Annotations[annotation] = value;

        Assert.Null(SubmitterStamp.Verified(metadata, Key).User);
        Assert.Empty(SubmitterStamp.Verified(metadata, Key).Groups);
    }

    [Fact]
    public void Stamp_WhereNoWebhookRuns_IsWorthNothing() => Assert.Null(SubmitterStamp.Verified(Created(Stamped(Job())), null).User);

    [Fact]
    public void FieldsOfAStamp_CannotBeShiftedIntoEachOther()
    {
        var metadata = Created(Stamped(Job()));
        metadata.Annotations[SubmitterStamp.UserAnnotation] = "alicevision";
        metadata.Annotations[SubmitterStamp.GroupsAnnotation] = ",system:authenticated";

        Assert.Null(SubmitterStamp.Verified(metadata, Key).User);
    }

    [Fact]
    public void ChangedJob_KeepsTheStampOfItsOwner()
    {
        var old = Stamped(Job());
        var changed = JsonNode.Parse(old.ToJsonString())!.AsObject();
        changed["metadata"]!["annotations"]![SubmitterStamp.UserAnnotation] = "mallory";
        changed["metadata"]!["annotations"]!["note"] = "kept";

        var after = Apply(changed, AdmissionReview.Mutate(Review("UPDATE", changed, old), Key, Now.AddDays(1)));

        Assert.Equal("alice", SubmitterStamp.Verified(Created(after), Key).User);
        Assert.Equal("kept", (string?)after["metadata"]!["annotations"]!["note"]);
    }

    [Fact]
    public void JobThatCannotRun_IsRefusedWithTheField()
    {
        var job = Job();
        job["spec"]!["replicas"]!["worker"]!["resources"] = new JsonObject { ["nvidia.com/gpu"] = "0.5" };

        var response = AdmissionReview.Validate(Review("CREATE", job))["response"]!;

        Assert.False((bool)response["allowed"]!);
        Assert.Contains("spec.replicas.worker.resources.\"nvidia.com/gpu\"", (string?)response["status"]!["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Queue", "weight", 2, true)]
    [InlineData("Queue", "weight", -2, false)]
    [InlineData("ResourceFlavor", "pricePerHour", 2, true)]
    [InlineData("ResourceFlavor", "pricePerHour", -2, false)]
    public void QueueOrFlavorThatCannotBeRead_IsRefusedWithTheField(string kind, string field, int value, bool isAllowed)
    {
        var item = new JsonObject { ["apiVersion"] = "taas.dev/v1alpha1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = "odd" }, ["spec"] = new JsonObject { [field] = value } };
        if (kind == "Queue")
        {
            item["spec"]!["quotas"] = new JsonArray(new JsonObject { ["flavor"] = "any", ["resources"] = new JsonObject { ["cpu"] = new JsonObject { ["nominal"] = 1 } } });
        }

        var response = AdmissionReview.Validate(Review("CREATE", item, kind: kind))["response"]!;

        Assert.Equal(isAllowed, (bool)response["allowed"]!);
        Assert.Equal(!isAllowed, (response["status"]?["message"]?.GetValue<string>() ?? "").Contains($"spec.{field}", StringComparison.Ordinal));
    }

    private static JsonObject Job(IEnumerable<(string Name, string? Value)>? annotations = null)
    {
        var metadata = new JsonObject { ["name"] = "small", ["namespace"] = "team-a" };
        if (annotations is not null)
        {
            metadata["annotations"] = new JsonObject(annotations.Select(static entry => KeyValuePair.Create(entry.Name, (JsonNode?)entry.Value)));
        }

        return new JsonObject
        {
            ["apiVersion"] = "taas.dev/v1alpha1",
            ["kind"] = "TrainingJob",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["program"] = new JsonObject { ["image"] = "team/train:1" },
                ["data"] = new JsonObject { ["path"] = "/data" },
                ["replicas"] = new JsonObject { ["worker"] = new JsonObject { ["count"] = 1 } },
            },
        };
    }

    private static JsonObject Stamped(JsonObject job) => Apply(job, AdmissionReview.Mutate(Review("CREATE", job), Key, Now));

    private static JsonElement Review(string operation, JsonObject item, JsonObject? old = null, string? user = "alice", string kind = "TrainingJob") => JsonSerializer.SerializeToElement(new JsonObject
    {
        ["request"] = new JsonObject
        {
            ["uid"] = "1",
            ["kind"] = new JsonObject { ["kind"] = kind },
            ["namespace"] = "team-a",
            ["operation"] = operation,
            ["userInfo"] = user is null ? null : new JsonObject { ["username"] = user, ["groups"] = new JsonArray("vision", "system:authenticated") },
            ["object"] = item.DeepClone(),
            ["oldObject"] = old?.DeepClone(),
        },
    });

    // As the API server applies a JSON patch of additions and removals within metadata.
    private static JsonObject Apply(JsonObject job, JsonObject review)
    {
        var changed = JsonNode.Parse(job.ToJsonString())!.AsObject();
        Assert.True((bool)review["response"]!["allowed"]!);
        foreach (var change in JsonNode.Parse(Convert.FromBase64String((string)review["response"]!["patch"]!))!.AsArray())
        {
            var path = ((string)change!["path"]!).Split('/').Skip(1).Select(static part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
            var parent = path.SkipLast(1).Aggregate((JsonNode)changed, static (node, part) => node[part]!).AsObject();
            parent.Remove(path[^1]);
            if ((string)change["op"]! == "add")
            {
                parent.Add(path[^1], change["value"]!.DeepClone());
            }
        }

        return changed;
    }

    private static V1ObjectMeta Created(JsonObject job) => new()
    {
        Name = (string)job["metadata"]!["name"]!,
        NamespaceProperty = (string)job["metadata"]!["namespace"]!,
        CreationTimestamp = Now.UtcDateTime.AddSeconds(1),
        Annotations = job["metadata"]!["annotations"]!.AsObject().ToDictionary(static entry => entry.Key, static entry => (string)entry.Value!),
    };
}
