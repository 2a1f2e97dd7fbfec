using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Tests.Gpu;

/// <summary>How kernels find elements: a wrong division would read another tensor's memory.</summary>
public sealed class AxisWalkTests
{
    [Fact]
    public void Runs_AnyLength_DivideAsIntegersDo()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var length = i < 300 ? i + 1 : random.Next(1, int.MaxValue) >> random.Next(31) | 1;
            var near = Math.Clamp((long)random.Next(1, 100) * length + random.Next(-2, 3), 0, int.MaxValue);
            foreach (var element in new[] { 0, length - 1, (int)near, random.Next(), int.MaxValue })
            {
                // Runs laid out backwards, two elements each step back: no row-major number would do.
                var expected = element % length + element / length * -2;
                var actual = AxisWalk.Runs(length, -2).Offset(element);
                Assert.True(expected == actual || length == 1, $"element {element} of runs of {length}: {actual}, expected {expected}");
            }
        }
    }

    [Fact]
    public void Of_EightAxesThatDoNotMerge_FindsEveryElement()
    {
        var shape = new Shape(2, 3, 2, 2, 3, 2, 2, 2);
        var axes = new MergedAxes(shape);
        axes.Add(new Strides(5000, 1500, 700, 300, 90, 40, 15, 6));
        axes.Merge(orderedBy: 0);
        var walk = AxisWalk.Of(axes, 0);
        Assert.Equal(8, walk.Rank);
        for (var element = 0; element < shape.Elements; element++)
        {
            Assert.Equal(axes.Offset(0, element), walk.Offset(element));
        }
    }
}
