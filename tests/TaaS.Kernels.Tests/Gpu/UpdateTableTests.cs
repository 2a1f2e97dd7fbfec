using TaaS.Kernels.Cpu;
using TaaS.Kernels.Gpu;
using TaaS.Kernels.Tests.Conformance;

namespace TaaS.Kernels.Tests.Gpu;

/// <summary>A launch updates all chunks at once, in no order: what must not be done so is found out before.</summary>
[Collection(Emulator.Name)]
public sealed class UpdateTableTests
{
    private static readonly GpuDevice Device = Emulator.Device;

    [Fact]
    public void Table_CutsParametersIntoChunks()
    {
        var table = Table(Update(1), Update(0), Update(UpdateTable.ChunkLength), Update(2 * UpdateTable.ChunkLength + 1));
        Assert.False(table.IsOrdered);
        Assert.Equal(1 + 0 + 1 + 3, table.Count);
        Assert.Equal(0, Table(Update(0)).Count);
    }

    [Fact]
    public void ParametersOfOneBuffer_AreOrderedOnlyWhereTheyOverlap()
    {
        var buffer = Device.Allocate(DType.Float32, 100);
        Assert.False(Table(Part(buffer, 0, 40), Part(buffer, 40, 60)).IsOrdered);
        Assert.True(Table(Part(buffer, 0, 41), Part(buffer, 40, 60)).IsOrdered);
    }

    [Fact]
    public void SlotsThatOverlap_AreOrdered()
    {
        var slot = Update(50).Parameter;
        Assert.True(Table(Update(50) with { First = slot }, Update(50) with { Second = slot }).IsOrdered);
        Assert.False(Table(Update(50) with { Gradient = slot }, Update(50) with { Gradient = slot }).IsOrdered);
    }

    [Fact]
    public void List_OfWhatDoesNotFit_SaysWhy()
    {
        Assert.Contains("empty", Assert.Throws<ArgumentException>(() => new UpdateList()).Message);
        Assert.Contains("gradient [3]", Assert.Throws<ArgumentException>(() => new UpdateList(Update(4) with { Gradient = Update(3).Gradient })).Message);
        var elsewhere = new View(CpuDevice.Instance.Allocate(DType.Float32, 4), new Shape(4));
        Assert.Contains("lies on cpu", Assert.Throws<ArgumentException>(() => new UpdateList(Update(4) with { First = elsewhere })).Message);
    }

    private static UpdateTable Table(params ReadOnlySpan<ParameterUpdate> updates) => new(Device, new UpdateList(updates));

    private static ParameterUpdate Update(int length) => Part(Device.Allocate(DType.Float32, length), 0, length);

    private static ParameterUpdate Part(DeviceBuffer buffer, int from, int length) => new(
        new View(buffer, new Shape(length), new Strides(1), from),
        new View(Device.Allocate(DType.Float32, length), new Shape(length)));
}
