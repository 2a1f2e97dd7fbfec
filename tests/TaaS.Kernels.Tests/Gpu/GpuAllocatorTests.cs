using ILGPU.Runtime;
using TaaS.Kernels.Gpu;
using TaaS.Kernels.Tests.Conformance;

namespace TaaS.Kernels.Tests.Gpu;

/// <summary>A training step that allocates must not stop the device for it, and a full device must be told of in words.</summary>
[Collection(Emulator.Name)]
public sealed class GpuAllocatorTests
{
    [Fact]
    public void Allocate_SameSizeAgain_ReusesTheBlock()
    {
        var memory = new LimitedMemory(100 << 20);
        var allocator = new GpuAllocator("cuda:7", memory);
        var first = allocator.Allocate(1000);
        allocator.Return(first);
        Assert.Same(first, allocator.Allocate(900));
        Assert.Equal((1, 1), (memory.Requests, (int)allocator.Statistics.Reused));
    }

    [Theory]
    [InlineData(0, 512)]
    [InlineData(1, 512)]
    [InlineData(512, 512)]
    [InlineData(513, 1024)]
    [InlineData((1 << 20) - 1, 1 << 20)]
    [InlineData(1 << 20, 2 << 20)]
    [InlineData((2 << 20) + 1, 4 << 20)]
    public void Allocate_AnySize_GivesWholeSteps(long bytes, long expected) => Assert.Equal(expected, GpuAllocator.Round(bytes));

    [Fact]
    public void Allocate_DriverHasNoMore_GivesBackWhatIsKeptAndTriesAgain()
    {
        var memory = new LimitedMemory(10 << 20);
        var allocator = new GpuAllocator("cuda:7", memory);
        allocator.Return(allocator.Allocate(6 << 20));
        var block = allocator.Allocate(8 << 20);
        Assert.Equal(8 << 20, block.Bytes);
        Assert.Equal((1, 0L), (allocator.Statistics.Reclaimed, allocator.Statistics.CachedBytes));
    }

    [Fact]
    public void Allocate_NothingLeftAnywhere_SaysWhatWasAskedForAndHeld()
    {
        var allocator = new GpuAllocator("cuda:7", new LimitedMemory(10 << 20));
        var held = allocator.Allocate(6 << 20);
        var error = Assert.Throws<DeviceException>(() => allocator.Allocate(8 << 20));
        Assert.StartsWith("cuda:7 is out of memory: 8 MiB asked for, 6 of 10 MiB held by this process;", error.Message, StringComparison.Ordinal);

        // What was held is whole, and smaller requests go on.
        Assert.Equal(6 << 20, allocator.Statistics.InUseBytes);
        Assert.Equal(2 << 20, allocator.Allocate(2 << 20).Bytes);
        GC.KeepAlive(held);
    }

    [Fact]
    public void Statistics_RandomUse_AddUp()
    {
        var random = new Random(3);
        var allocator = new GpuAllocator("cuda:7", new LimitedMemory(1L << 30));
        var live = new List<GpuBlock>();
        long peak = 0;
        for (var step = 0; step < 500; step++)
        {
            if (live.Count > 0 && random.Next(2) == 0)
            {
                var at = random.Next(live.Count);
                allocator.Return(live[at]);
                live.RemoveAt(at);
            }
            else
            {
                live.Add(allocator.Allocate(random.Next(1, 200_000)));
            }

            peak = Math.Max(peak, live.Sum(block => block.Bytes));
            Assert.Equal(live.Count, live.Distinct().Count());
        }

        var now = allocator.Statistics;
        Assert.Equal((live.Sum(block => block.Bytes), peak), (now.InUseBytes, now.PeakInUseBytes));
        Assert.True(now.Reused > 0 && now.CachedBytes > 0);
    }

    [Fact]
    public void Buffer_NoLongerViewed_GivesItsBlockToTheNext()
    {
        var device = Emulator.Device;
        AllocateAndForget(device);
        for (var tries = 0; tries < 5; tries++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        var before = device.MemoryStatistics;
        AllocateAndForget(device);
        Assert.Equal((before.Requested, before.Reused + 1), (device.MemoryStatistics.Requested, device.MemoryStatistics.Reused));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void AllocateAndForget(GpuDevice device) => device.Allocate(DType.Float32, 98_765);

    /// <summary>A device with only so much memory.</summary>
    private sealed class LimitedMemory(long bytes) : IGpuMemorySource
    {
        private readonly List<(MemoryBuffer Memory, long Bytes)> _given = [];

        public int Requests => _given.Count;

        public long TotalBytes => bytes;

        public GpuBlock? TryAllocate(long size)
        {
            if (_given.Where(given => !given.Memory.IsDisposed).Sum(given => given.Bytes) + size > bytes)
            {
                return null;
            }

            // The blocks' content is never touched, so that a few bytes stand for any number.
            var memory = Emulator.Device.Accelerator.AllocateRaw(GpuAllocator.SmallStep, 1);
            _given.Add((memory, size));
            return new GpuBlock(memory, size);
        }
    }
}
