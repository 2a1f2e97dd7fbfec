using System.Reflection;
using System.Runtime.CompilerServices;
using TaaS.Kernels.Cuda;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>The driver layer through real imports, on a driver whose device is host memory: search, resolver, signatures and the order of calls.</summary>
[Collection(FakeCollection.Name)]
public sealed unsafe class FakeDriverTests
{
    [SkippableFact]
    public void Devices_TellWhatTheyAre() => FakeLibraries.Run(Devices);

    [SkippableFact]
    public void Context_IsCurrentWithinItsScope() => FakeLibraries.Run(Contexts);

    [SkippableFact]
    public void Copies_ArriveInOrder() => FakeLibraries.Run(Copies);

    [SkippableFact]
    public void OutOfMemory_SaysHowMuchWasAskedForAndFree() => FakeLibraries.Run(OutOfMemory);

    [SkippableFact]
    public void Pool_KeepsWhatItIsTold() => FakeLibraries.Run(Pools);

    [SkippableFact]
    public void Graph_ReplaysWhatWasRecorded() => FakeLibraries.Run(Graphs);

    [SkippableFact]
    public void CaptureOfAFailingAction_LeavesTheStreamUsable() => FakeLibraries.Run(AbandonedCapture);

    [SkippableFact]
    public void RecordingAgain_ChangesTheGraph() => FakeLibraries.Run(UpdatedGraph);

    [SkippableFact]
    public void FrozenLaunches_ReplayOrAreRefused() => FakeLibraries.Run(Frozen);

    [SkippableFact]
    public void Events_MeasureTheTimeBetweenThem() => FakeLibraries.Run(Events);

    [SkippableFact]
    public void Peers_CopyToEachOther() => FakeLibraries.Run(Peers);

    [SkippableFact]
    public void SystemLoader_RefusesRealFilesOfTheWrongKind()
    {
        FakeLibraries.SkipUnlessCompilable();
        var folder = FakeLibraries.Compile(
            ("libcuda.so.1", "fake_cuda.c", "-DDRIVER_VERSION=11080"),
            ("libcublasLt.so.13", "fake_cublaslt.c", "-DLIBRARY_VERSION=110000"),
            ("libcublasLt.so.12", "fake_cublaslt.c", "-DLIBRARY_VERSION=120001"));
        File.WriteAllText(Path.Combine(folder, "libcudnn.so.9"), "no library");
        var libraries = new CudaLibraries(new SystemLoader(), folder);
        if (!new CudaLibraries(new SystemLoader(), folders: null).Has(CudaLibrary.Driver))
        {
            Assert.Equal($"NVIDIA driver: {folder}/libcuda.so.1 is version 11.8, CUDA 12.0 or later is needed; work runs on the CPU", libraries.Report(CudaLibrary.Driver).ToString());
        }

        Assert.Equal($"cuBLASLt 12.0.1 ({folder}/libcublasLt.so.12)", libraries.Report(CudaLibrary.CublasLt).ToString());
        if (!new CudaLibraries(new SystemLoader(), folders: null).Has(CudaLibrary.Cudnn))
        {
            Assert.Contains("libcudnn.so.9 does not load", libraries.Report(CudaLibrary.Cudnn).ToString(), StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public void SystemLoader_NamesTheMissingExport()
    {
        FakeLibraries.SkipUnlessCompilable();
        var folder = FakeLibraries.Compile(("libcuda.so.1", "fake_cuda.c", "-DWITHOUT_GRAPH_UPDATE"));
        Skip.If(new CudaLibraries(new SystemLoader(), folders: null).Has(CudaLibrary.Driver), "this machine has a driver, which is then used instead");
        Assert.Equal(
            $"NVIDIA driver: {folder}/libcuda.so.1, version 12.6, lacks cuGraphExecUpdate_v2; work runs on the CPU",
            new CudaLibraries(new SystemLoader(), folder).Report(CudaLibrary.Driver).ToString());
    }

    [SkippableFact]
    public void CallWithoutADriver_SaysSo()
    {
        Skip.If(CudaLibraries.Installed.Has(CudaLibrary.Driver), "this machine has a driver");
        Assert.Equal("NVIDIA driver: libcuda.so.1 not found; work runs on the CPU", Assert.Throws<CudaLibraryException>(() => CudaDevice.Count).Message);
        Assert.Throws<CudaLibraryException>(() => CudaDevice.Open(0));
    }

    private static void Devices()
    {
        Assert.Equal("NVIDIA driver 12.6", CudaLibraries.Installed.Report(CudaLibrary.Driver).ToString().Split(" (")[0]);
        Assert.Equal(2, CudaDevice.Count);
        var second = CudaDevice.Open(1);
        Assert.Equal(("Fake Two", "0000:02:00.0", 1L << 30, 1), (second.Name, second.PciBusId, second.TotalMemoryBytes, second.Ordinal));
        Assert.Equal((9, 1, 132), (second[DeviceAttribute.ComputeCapabilityMajor], second[DeviceAttribute.ComputeCapabilityMinor], second[DeviceAttribute.MultiprocessorCount]));
        Assert.Equal("cuDeviceGet of cuda:7: CUDA_ERROR_INVALID_DEVICE (101), invalid device ordinal", Assert.Throws<CudaException>(() => CudaDevice.Open(7)).Message);
    }

    private static void Contexts()
    {
        using var first = new CudaContext(CudaDevice.Open(0));
        using var second = new CudaContext(CudaDevice.Open(1));
        Assert.Equal(0, CudaContext.Current);
        using (first.Enter())
        {
            Assert.Equal(first.Handle, CudaContext.Current);
            using (second.Enter())
            {
                Assert.Equal(second.Handle, CudaContext.Current);
            }

            Assert.Equal(first.Handle, CudaContext.Current);
        }

        Assert.Equal(0, CudaContext.Current);
        var borrowed = CudaContext.Borrow(first.Device, first.Handle);
        using (borrowed.Enter())
        {
            Assert.Equal(first.Handle, CudaContext.Current);
        }

        // Were the share given back here, giving it back again below would fail.
        borrowed.Dispose();
        var outside = Assert.Throws<CudaException>(() => DeviceMemory.Info());
        Assert.Equal("CUDA_ERROR_INVALID_CONTEXT", outside.CodeName);
    }

    private static void Copies() => OnDevice(stream =>
    {
        using var staging = new PinnedMemory(64);
        var (first, second) = (DeviceMemory.Allocate(64, stream), DeviceMemory.Allocate(64, stream));
        for (var i = 0; i < 64; i++)
        {
            staging.Bytes(i, 1)[0] = (byte)i;
        }

        DeviceMemory.Upload(first, staging.Start, 64, stream);
        DeviceMemory.Copy(second, first, 64, stream);
        DeviceMemory.Fill(second + 8, 0xAB, 4, stream);
        DeviceMemory.FillWords(second + 16, 0x01020304, 2, stream);
        staging.Bytes(0, 64).Clear();
        DeviceMemory.Download(staging.Start, second, 64, stream);
        stream.Synchronize();
        var expected = Enumerable.Range(0, 64).Select(i => (byte)i).ToArray();
        expected.AsSpan(8, 4).Fill(0xAB);
        new byte[] { 4, 3, 2, 1, 4, 3, 2, 1 }.CopyTo(expected, 16);
        Assert.Equal(expected, staging.Bytes(0, 64).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => staging.Bytes(60, 5).Length);
        DeviceMemory.Free(first, stream);
        DeviceMemory.Free(second, stream);
    });

    private static void OutOfMemory() => OnDevice(stream =>
    {
        var half = DeviceMemory.Allocate(1 << 29, stream);
        Assert.Equal((1L << 29, 1L << 30), DeviceMemory.Info());
        var error = Assert.Throws<CudaException>(() => DeviceMemory.Allocate(3L << 28, stream));
        Assert.Equal(
            "cuMemAllocAsync: CUDA_ERROR_OUT_OF_MEMORY (2), out of memory; asked for 0.75 GiB, 0.50 GiB of 1.00 GiB are free: use a smaller batch or end what else uses the memory",
            error.Message);
        DeviceMemory.Free(half, stream);
        DeviceMemory.Free(DeviceMemory.Allocate(3L << 28, stream), stream);
        Assert.Equal((1L << 30, 1L << 30), DeviceMemory.Info());
    });

    private static void Pools() => OnDevice(stream =>
    {
        var pool = new MemoryPool(CudaDevice.Open(0)) { ReleaseThresholdBytes = ulong.MaxValue };
        Assert.Equal((ulong.MaxValue, 1ul << 29), (pool.ReleaseThresholdBytes, pool.ReservedBytes));
        var memory = DeviceMemory.Allocate(4096, stream);
        Assert.Equal(4096ul, pool.UsedBytes);
        DeviceMemory.Free(memory, stream);
        pool.Trim(100);
        Assert.Equal(100ul, pool.ReleaseThresholdBytes);
    });

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
        Assert.Equal(1u, Word(memory));
        graph.Launch(stream);
        Assert.Equal((1u, 2u), (*(uint*)host.Start, Word(memory)));
        graph.Launch(stream);
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
        Assert.Equal(1u, Word(memory));

        // To wait while recording is the usual mistake: the driver refuses the wait, and the reason given is that one.
        var refused = Assert.Throws<CudaException>(() => CudaStreamCapture.Record(stream, stream.Synchronize));
        Assert.Equal("CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", refused.CodeName);
        DeviceMemory.FillWords(memory, 3, 1, stream);
        Assert.Equal(3u, Word(memory));
        using var graph = CudaStreamCapture.Record(stream, () => DeviceMemory.FillWords(memory, 4, 1, stream));
        graph.Launch(stream);
        Assert.Equal(4u, Word(memory));
        DeviceMemory.Free(memory, stream);
    });

    private static void UpdatedGraph() => OnDevice(stream =>
    {
        var memory = DeviceMemory.Allocate(8, stream);
        using var graph = CudaStreamCapture.Record(stream, () => DeviceMemory.FillWords(memory, 1, 2, stream));
        Assert.True(CudaStreamCapture.RecordAgain(graph, stream, () => DeviceMemory.FillWords(memory, 7, 2, stream)));
        graph.Launch(stream);
        Assert.Equal((7u, 7u), (Word(memory), Word(memory + 4)));
        var inPlace = CudaStreamCapture.RecordAgain(graph, stream, () =>
        {
            DeviceMemory.FillWords(memory, 8, 1, stream);
            DeviceMemory.FillWords(memory + 4, 9, 1, stream);
        });
        Assert.False(inPlace);
        graph.Launch(stream);
        Assert.Equal((8u, 9u), (Word(memory), Word(memory + 4)));
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
        Assert.Equal(0u, Word(memory));
        replay!();
        Assert.Equal((5u, 5u), (Word(memory), Word(memory + 4)));
        Assert.Null(device.Freeze(new Action[] { device.Stream.Synchronize }));
        Assert.Null(device.Freeze(new Action[] { () => throw OfIlgpu("900") }));
        Assert.Throws<ILGPU.Runtime.Cuda.CudaException>(() => device.Freeze(new Action[] { () => throw OfIlgpu("CUDA_ERROR_ILLEGAL_ADDRESS") }));
        Assert.Throws<InvalidOperationException>(() => device.Freeze(new Action[] { () => throw new InvalidOperationException("on purpose") }));
        Assert.False(device.Stream.IsCapturing);
        DeviceMemory.Free(memory, stream);
    });

    private static void Events() => OnDevice(stream =>
    {
        using CudaEvent start = new(), end = new();
        Assert.False(start.IsComplete);
        var early = Assert.Throws<CudaException>(() => end.ElapsedSince(start));
        Assert.Equal("CUDA_ERROR_INVALID_HANDLE", early.CodeName);
        start.Record(stream);
        var memory = DeviceMemory.Allocate(4, stream);
        DeviceMemory.FillWords(memory, 1, 1, stream);
        DeviceMemory.FillWords(memory, 2, 1, stream);
        end.Record(stream);
        stream.WaitFor(end);
        end.Synchronize();
        Assert.True(end.IsComplete);
        Assert.Equal(5, end.ElapsedSince(start).TotalMilliseconds, precision: 3);
        DeviceMemory.Free(memory, stream);
    });

    private static void Peers()
    {
        CudaDevice one = CudaDevice.Open(0), two = CudaDevice.Open(1);
        Assert.True(one.CanAccess(two));
        Assert.False(two.CanAccess(one));
        using CudaContext first = new(one), second = new(two);
        first.EnableAccessTo(second);
        first.EnableAccessTo(second);
        using var scope = first.Enter();
        using var stream = new CudaStream();
        var (source, target) = (DeviceMemory.Allocate(4, stream), DeviceMemory.Allocate(4, stream));
        DeviceMemory.FillWords(source, 77, 1, stream);
        DeviceMemory.CopyAcross(target, second, source, first, 4, stream);
        Assert.Equal(77u, Word(target));
        DeviceMemory.Free(source, stream);
        DeviceMemory.Free(target, stream);
    }

    private static void OnDevice(Action<CudaStream> work)
    {
        using var context = new CudaContext(CudaDevice.Open(0));
        using var scope = context.Enter();
        using var stream = new CudaStream();
        work(stream);
    }

    /// <summary>A failed launch as ILGPU reports it; its constructors need a driver.</summary>
    private static Exception OfIlgpu(string error)
    {
        var exception = (Exception)RuntimeHelpers.GetUninitializedObject(typeof(ILGPU.Runtime.Cuda.CudaException));
        typeof(ILGPU.Runtime.Cuda.CudaException).GetField("<Error>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(exception, error);
        return exception;
    }

    private static uint Word(nint address) => *(uint*)address;
}
