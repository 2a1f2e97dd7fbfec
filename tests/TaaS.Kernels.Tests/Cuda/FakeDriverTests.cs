using TaaS.Kernels.Cuda;
using TaaS.SoftwareGpu;
using static TaaS.Kernels.Tests.Cuda.FakeMemory;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>The driver layer through real imports, on the software GPU's driver: search, resolver, signatures and the order of calls.</summary>
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
    public void Events_MeasureTheTimeBetweenThem() => FakeLibraries.Run(Events);

    [SkippableFact]
    public void Peers_CopyToEachOther() => FakeLibraries.Run(Peers);

    [SkippableFact]
    public void SystemLoader_RefusesRealFilesOfTheWrongKind()
    {
        FakeLibraries.SkipUnlessCompilable();
        var folder = FakeLibraries.Compile(
            ("libcublasLt.so.13", "fake_cublaslt.c", "-DLIBRARY_VERSION=110000"),
            ("libcublasLt.so.12", "fake_cublaslt.c", "-DLIBRARY_VERSION=120001"));
        SoftwareDriver.Build(folder, "-DDRIVER_VERSION=11080");
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
        var folder = FakeLibraries.Compile();
        SoftwareDriver.Build(folder, "-DWITHOUT_GRAPH_UPDATE");
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
        Assert.Equal(("Software Two", "0000:02:00.0", 1L << 30, 1), (second.Name, second.PciBusId, second.TotalMemoryBytes, second.Ordinal));
        Assert.Equal((9, 0, 132), (second[DeviceAttribute.ComputeCapabilityMajor], second[DeviceAttribute.ComputeCapabilityMinor], second[DeviceAttribute.MultiprocessorCount]));
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
        stream.Synchronize();
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
        stream.Synchronize();
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
        nint target;
        using (second.Enter())
        {
            using var there = new CudaStream();
            target = DeviceMemory.Allocate(4, there);
        }

        using var scope = first.Enter();
        using var stream = new CudaStream();
        var source = DeviceMemory.Allocate(4, stream);
        DeviceMemory.FillWords(source, 77, 1, stream);
        DeviceMemory.CopyAcross(target, second, source, first, 4, stream);
        Assert.Equal(77u, Word(target, stream));
        Assert.Equal("CUDA_ERROR_INVALID_CONTEXT", Assert.Throws<CudaException>(() => DeviceMemory.CopyAcross(target, first, source, second, 4, stream)).CodeName);
        DeviceMemory.Free(source, stream);
        DeviceMemory.Free(target, stream);
    }
}
