using CsCheck;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Runtime.Tests.ParameterServer;

public sealed class ParameterLayoutTests
{
    private static readonly Gen<ParameterInfo[]> Models =
        Gen.Int[1, 5000].Array[1, 12].Select(sizes => sizes.Select((size, index) => new ParameterInfo($"{index}.weight", [size])).ToArray());

    [Fact]
    public void Create_AnyModel_CoversEachElementOnceWithinTheLimit() =>
        Gen.Select(Models, Gen.Int[1, 5], Gen.Int[64, 700]).Sample((model, servers, max) =>
        {
            var layout = ParameterLayout.Create(model, servers, max);
            for (var parameter = 0; parameter < model.Length; parameter++)
            {
                var next = 0;
                foreach (var slice in layout.Slices.Where(slice => slice.Parameter == parameter))
                {
                    Assert.Equal(next, slice.Offset);
                    Assert.InRange(slice.Length, 1, max);
                    Assert.InRange(slice.Server, 0, servers - 1);
                    next += slice.Length;
                }

                Assert.Equal(model[parameter].Elements, next);
            }
        });

    [Fact]
    public void Create_AnyModel_NoServerHasMoreThanOneSliceAboveTheAverage() =>
        Gen.Select(Models, Gen.Int[1, 5]).Sample((model, servers) =>
        {
            var layout = ParameterLayout.Create(model, servers, 512);
            var loads = layout.Slices.GroupBy(slice => slice.Server).Select(group => group.Sum(slice => slice.Length));
            Assert.True(loads.Max() <= layout.Slices.Sum(slice => slice.Length) / servers + 512);
        });

    [Fact]
    public void Json_RoundTrip_GivesTheSameLayout()
    {
        var layout = ParameterLayout.Create(StoreRig.Model, 3, 512);

        Assert.Equal(layout.Slices, ParameterLayout.FromJson(layout.ToJson()).Slices);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"Parameters\":[],\"Servers\":1,\"MaxSliceElements\":5}")]
    [InlineData("{\"Parameters\":[{\"Name\":\"a\",\"Shape\":[-5]}],\"Servers\":1,\"MaxSliceElements\":5}")]
    [InlineData("{\"Parameters\":[{\"Name\":\"a\",\"Shape\":[70000,70000]}],\"Servers\":1,\"MaxSliceElements\":5}")]
    [InlineData("{\"Parameters\":[{\"Name\":\"a\",\"Shape\":[5]}],\"Servers\":0,\"MaxSliceElements\":5}")]
    [InlineData("{\"Parameters\":[{\"Name\":\"a\",\"Shape\":[5]}],\"Servers\":1,\"MaxSliceElements\":99999999}")]
    [InlineData("{\"Parameters\":[{\"Name\":null,\"Shape\":null}],\"Servers\":1,\"MaxSliceElements\":5}")]
    public void FromJson_Hostile_IsRefused(string json) =>
        Assert.Throws<TrainingException>(() => ParameterLayout.FromJson(System.Text.Encoding.UTF8.GetBytes(json)));
}
