using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// Keeps freed blocks for the next buffer of that size, since asking the driver stops the device. A block may be handed out while
/// launches that use it still wait in the device's one stream: later launches come after them. Safe for many threads, since finalizers return blocks.
/// </summary>
/// <param name="device">Its name, for messages.</param>
/// <param name="source">Where memory comes from.</param>
/// <param name="exact">Keeps nothing and rounds nothing up: slow, but a checker of accesses such as compute-sanitizer then knows where every buffer ends.</param>
internal sealed class GpuAllocator(string device, IGpuMemorySource source, bool exact = false)
{
    /// <summary>Environment variable: 1 makes allocators exact.</summary>
    internal const string ExactVariable = "TAAS_GPU_EXACT_MEMORY";

    /// <summary>Sizes below <see cref="LargeBytes"/> are whole multiples of this, and every block starts at one: what 16-byte accesses and libraries ask for.</summary>
    internal const long SmallStep = 512;

    /// <summary>From here on sizes are whole multiples of <see cref="LargeStep"/>, so that nearly equal ones share blocks.</summary>
    internal const long LargeBytes = 1 << 20;

    internal const long LargeStep = 2 << 20;

    // A driver gives no block of nothing, and an empty buffer needs an address.
    private const long LeastBytes = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Stack<GpuBlock>> _free = [];

    // In use or not: a block found unreachable along with its buffer would be finalized before the buffer returns it.
    private readonly HashSet<GpuBlock> _blocks = [];
    private long _inUse;
    private long _peak;
    private long _cached;
    private long _reused;
    private long _requested;
    private long _reclaimed;
    private bool _closed;

    internal GpuMemoryStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return new GpuMemoryStatistics(_inUse, _peak, _cached, _reused, _requested, _reclaimed);
            }
        }
    }

    /// <summary>A block of at least that many bytes.</summary>
    /// <exception cref="DeviceException">Neither the driver nor what was kept has that much.</exception>
    internal GpuBlock Allocate(long bytes)
    {
        if (exact)
        {
            ReleaseCached();
        }

        var size = exact ? Math.Max(bytes, LeastBytes) : Round(bytes);
        if (TryReuse(size, out var block) || TryRequest(size, out block))
        {
            return block;
        }

        // Buffers that nobody views any more return their blocks when they are collected.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (TryReuse(size, out block))
        {
            return block;
        }

        ReleaseCached();
        return TryRequest(size, out block) ? block : throw OutOfMemory(bytes);
    }

    /// <summary>Takes a block back.</summary>
    internal void Return(GpuBlock block)
    {
        lock (_gate)
        {
            _inUse -= block.Bytes;
            if (!_closed)
            {
                ref var kept = ref CollectionsMarshal.GetValueRefOrAddDefault(_free, block.Bytes, out _);
                (kept ??= new Stack<GpuBlock>()).Push(block);
                _cached += block.Bytes;
            }
        }
    }

    /// <summary>Gives everything that is kept back to the driver, and keeps nothing more.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }

        ReleaseCached();
    }

    /// <summary>Size of the block that serves a request.</summary>
    internal static long Round(long bytes)
    {
        var step = bytes < LargeBytes ? SmallStep : LargeStep;
        return Math.Max((bytes + step - 1) / step, 1) * step;
    }

    private bool TryReuse(long size, [NotNullWhen(true)] out GpuBlock? block)
    {
        lock (_gate)
        {
            if (_free.TryGetValue(size, out var kept) && kept.TryPop(out block))
            {
                _cached -= size;
                _reused++;
                Use(size);
                return true;
            }
        }

        block = null;
        return false;
    }

    private bool TryRequest(long size, [NotNullWhen(true)] out GpuBlock? block)
    {
        block = source.TryAllocate(size);
        if (block is null)
        {
            return false;
        }

        lock (_gate)
        {
            _blocks.Add(block);
            _requested++;
            Use(size);
        }

        return true;
    }

    private void Use(long size)
    {
        _inUse += size;
        _peak = Math.Max(_peak, _inUse);
    }

    private void ReleaseCached()
    {
        GpuBlock[] blocks;
        lock (_gate)
        {
            blocks = [.. _free.Values.SelectMany(kept => kept)];
            _blocks.ExceptWith(blocks);
            _free.Clear();
            _cached = 0;
            _reclaimed++;
        }

        foreach (var block in blocks)
        {
            block.Release();
        }
    }

    private DeviceException OutOfMemory(long bytes)
    {
        var now = Statistics;
        return new DeviceException(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{device} is out of memory: {Mebibytes(bytes)} MiB asked for, {Mebibytes(now.InUseBytes)} of {Mebibytes(source.TotalBytes)} MiB held by this process; use a smaller batch or model, or end other programs on the device"));
    }

    private static long Mebibytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;
}
