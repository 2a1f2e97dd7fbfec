using TaaS.Kernels.Cuda;
using static TaaS.Kernels.Tests.Cuda.FakeMemory;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>Capture and graphs through real imports, on the software GPU's driver. A capture left open would make every later launch on the stream vanish.</summary>
[Collection(FakeCollection.Name)]
public sealed unsafe class FakeGraphTests
{
    [SkippableFact]
    public void Graph_ReplaysWhatWasRecorded() => FakeLibraries.Run(Graphs);

    [SkippableFact]
    public void CaptureOfAFailingAction_LeavesTheStreamUsable() => FakeLibraries.Run(AbandonedCapture);

    [SkippableFact]
    public void RecordingAgain_ChangesTheGraph() => FakeLibraries.Run(UpdatedGraph);

    [SkippableFact]
    public void FrozenLaunches_ReplayOrAreRefused() => FakeLibraries.Run(Frozen);

    private static void Graphs() => OnDevice(stream =>
    {
        using var host = new PinnedMemory(4);
        var memory = DeviceMemory.Allocate(4, stream);
        DeviceMemory.FillWords(memory, 1, 1, stream);
        using var graph = CudaStreamCapture.Record(stream, () =>
        {
            Assert.True(stream.IsCapturing);
            DeviceMemory.Download(host.Start, memory, 4, stream);
            DeviceMemory.FillWords(memory, 2, 1, stream);
        });
        Assert.False(stream.IsCapturing);
        Assert.Equal(1u, Word(memory, stream));
        graph.Launch(stream);
        Assert.Equal((2u, 1u), (Word(memory, stream), *(uint*)host.Start));
        graph.Launch(stream);
        stream.Synchronize();
        Assert.Equal(2u, *(uint*)host.Start);
        graph.Dispose();
        Assert.Throws<ObjectDisposedException>(() => graph.Launch(stream));
        DeviceMemory.Free(memory, stream);
    });

    private static void AbandonedCapture() => OnDevice(stream =>
    {
        var memory = DeviceMemory.Allocate(4, stream);
        DeviceMemory.FillWords(memory, 1, 1, stream);
        var failure = Assert.Throws<InvalidOperationException>(() => CudaStreamCapture.Record(stream, () =>
        {
            DeviceMemory.FillWords(memory, 2, 1, stream);
            throw new InvalidOperationException("on purpose");
        }));
        Assert.Equal("on purpose", failure.Message);
        Assert.False(stream.IsCapturing);
        Assert.Equal(1u, Word(memory, stream));

        // To wait while recording is the usual mistake: the driver refuses the wait, and the reason given is that one.
        var refused = Assert.Throws<CudaException>(() => CudaStreamCapture.Record(stream, stream.Synchronize));
        Assert.Equal("CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", refused.CodeName);
        DeviceMemory.FillWords(memory, 3, 1, stream);
        Assert.Equal(3u, Word(memory, stream));
        using var graph = CudaStreamCapture.Record(stream, () => DeviceMemory.FillWords(memory, 4, 1, stream));
        graph.Launch(stream);
        Assert.Equal(4u, Word(memory, stream));
        DeviceMemory.Free(memory, stream);
    });

    private static void UpdatedGraph() => OnDevice(stream =>
    {
        var memory = DeviceMemory.Allocate(8, stream);
        using var graph = CudaStreamCapture.Record(stream, () => DeviceMemory.FillWords(memory, 1, 2, stream));
        Assert.True(CudaStreamCapture.RecordAgain(graph, stream, () => DeviceMemory.FillWords(memory, 7, 2, stream)));
        graph.Launch(stream);
        Assert.Equal((7u, 7u), (Word(memory, stream), Word(memory + 4, stream)));
        var inPlace = CudaStreamCapture.RecordAgain(graph, stream, () =>
        {
            DeviceMemory.FillWords(memory, 8, 1, stream);
            DeviceMemory.FillWords(memory + 4, 9, 1, stream);
        });
        Assert.False(inPlace);
        graph.Launch(stream);
        Assert.Equal((8u, 9u), (Word(memory, stream), Word(memory + 4, stream)));
        DeviceMemory.Free(memory, stream);
    });

    private static void Frozen() => OnDevice(stream =>
    {
        using var device = new FakeCudaDevice();
        var memory = DeviceMemory.Allocate(8, stream);
        DeviceMemory.FillWords(memory, 0, 2, stream);
        var replay = device.Freeze(new Action[]
        {
            () => DeviceMemory.FillWords(memory, 5, 1, device.Stream),
            () => DeviceMemory.Copy(memory + 4, memory, 4, device.Stream),
        });
        Assert.Equal(0u, Word(memory, stream));
        replay!();
        Assert.Equal((5u, 5u), (Word(memory, device.Stream), Word(memory + 4, device.Stream)));
        Assert.Null(device.Freeze(new Action[] { device.Stream.Synchronize }));
        Assert.Null(device.Freeze(new Action[] { () => throw FakeIlgpu.Failure("900") }));
        Assert.Throws<ILGPU.Runtime.Cuda.CudaException>(() => device.Freeze(new Action[] { () => throw FakeIlgpu.Failure("CUDA_ERROR_ILLEGAL_ADDRESS") }));
        Assert.Throws<InvalidOperationException>(() => device.Freeze(new Action[] { () => throw new InvalidOperationException("on purpose") }));
        Assert.False(device.Stream.IsCapturing);
        DeviceMemory.Free(memory, stream);
    });
}
