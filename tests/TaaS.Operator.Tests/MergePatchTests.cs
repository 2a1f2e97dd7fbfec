using System.Text.Json.Nodes;
using CsCheck;
using TaaS.Kubernetes;
using TaaS.Operator.Tests.ApiServer;

namespace TaaS.Operator.Tests;

/// <summary>A status is written as the difference to what was there; a wrong difference would leave fields of an attempt long gone.</summary>
public sealed class MergePatchTests
{
    [Fact]
    public void Patch_LeadsFromAnyObjectToAnyOther() =>
        Gen.Select(Objects(3), Objects(3)).Sample((before, after) =>
        {
            var (from, to) = (JsonNode.Parse(before)!.AsObject(), JsonNode.Parse(after)!.AsObject());
            var patch = MergePatch.Between(from, to);
            return patch is null ? JsonNode.DeepEquals(from, to) : JsonNode.DeepEquals(Patches.Merge(from, patch), to);
        });

    [Fact]
    public void Patch_HoldsOnlyWhatChanged() =>
        Assert.Equal(
            """{"b":null,"c":{"y":3}}""",
            MergePatch.Between(JsonNode.Parse("""{"a":[1],"b":2,"c":{"x":1,"y":2}}""")!.AsObject(), JsonNode.Parse("""{"a":[1],"c":{"x":1,"y":3}}""")!.AsObject())!.ToJsonString());

    private static Gen<string> Objects(int depth)
    {
        var leaf = OneOf("1", "2", "\"x\"", "[1,2]", "[{\"a\":1}]", "true");
        var value = depth == 0 ? leaf : Gen.Frequency((3, leaf), (2, Objects(depth - 1)));
        return Gen.Dictionary(OneOf("a", "b", "c"), value)[0, 3].Select(static fields => "{" + string.Join(',', fields.Select(static field => $"\"{field.Key}\":{field.Value}")) + "}");
    }

    private static Gen<string> OneOf(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(index => choices[index]);
}
