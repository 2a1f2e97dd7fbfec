using System.Runtime.InteropServices;

namespace TaaS.Kernels;

/// <summary>A run of elements in one device's memory. Freed by the garbage collector with its last view.</summary>
public abstract class DeviceBuffer
{
    /// <summary>Bytes of an element: both types have four.</summary>
    internal const int ElementBytes = sizeof(float);

    private protected DeviceBuffer(Device device, DType dtype, long length)
    {
        Device = device;
        DType = dtype;
        Length = length;
    }

    /// <summary>The device that owns the memory.</summary>
    public Device Device { get; }

    /// <summary>Element type.</summary>
    public DType DType { get; }

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>Brings floats into this memory, in the order of launches: later ones see them. The span is free again on return.</summary>
    /// <param name="values">Values.</param>
    /// <param name="start">First element to overwrite.</param>
    /// <exception cref="ArgumentOutOfRangeException">Beyond the buffer.</exception>
    /// <exception cref="InvalidOperationException">The buffer holds another type.</exception>
    public void Upload(ReadOnlySpan<float> values, long start = 0) => Upload(DType.Float32, MemoryMarshal.AsBytes(values), start);

    /// <summary>Brings integers into this memory.</summary>
    /// <inheritdoc cref="Upload(ReadOnlySpan{float}, long)"/>
    public void Upload(ReadOnlySpan<int> values, long start = 0) => Upload(DType.Int32, MemoryMarshal.AsBytes(values), start);

    /// <summary>Copies floats to the host; waits for the launches before.</summary>
    /// <param name="values">Where to.</param>
    /// <param name="start">First element to read.</param>
    /// <inheritdoc cref="Upload(ReadOnlySpan{float}, long)" path="/exception"/>
    public void Download(Span<float> values, long start = 0) => Download(DType.Float32, MemoryMarshal.AsBytes(values), start);

    /// <summary>Copies integers to the host; waits for the launches before.</summary>
    /// <inheritdoc cref="Download(Span{float}, long)"/>
    public void Download(Span<int> values, long start = 0) => Download(DType.Int32, MemoryMarshal.AsBytes(values), start);

    /// <summary>Brings elements of another buffer of the same type into this one, in the order of launches on both devices. GPUs copy directly; otherwise the copy goes by way of the host.</summary>
    /// <param name="source">Where from, on any device.</param>
    /// <param name="sourceStart">First element to read.</param>
    /// <param name="start">First element to overwrite.</param>
    /// <param name="length">Number of elements.</param>
    /// <inheritdoc cref="Upload(ReadOnlySpan{float}, long)" path="/exception"/>
    public void CopyFrom(DeviceBuffer source, long sourceStart, long start, int length)
    {
        source.Check(DType, length * ElementBytes, sourceStart);
        Check(source.DType, length * ElementBytes, start);
        if (length > 0 && !TryCopyDirectly(source, sourceStart * ElementBytes, start * ElementBytes, (long)length * ElementBytes))
        {
            var bytes = new byte[length * ElementBytes];
            source.Download(bytes, sourceStart * ElementBytes);
            Upload(bytes, start * ElementBytes);
        }
    }

    /// <summary>Copies without the host, where the two devices can.</summary>
    private protected virtual bool TryCopyDirectly(DeviceBuffer source, long sourceByte, long byteHere, long bytes) => false;

    private protected abstract void Upload(ReadOnlySpan<byte> source, long firstByte);

    private protected abstract void Download(Span<byte> target, long firstByte);

    private void Upload(DType type, ReadOnlySpan<byte> source, long start)
    {
        Check(type, source.Length, start);
        if (!source.IsEmpty)
        {
            Upload(source, start * ElementBytes);
        }
    }

    private void Download(DType type, Span<byte> target, long start)
    {
        Check(type, target.Length, start);
        if (!target.IsEmpty)
        {
            Download(target, start * ElementBytes);
        }
    }

    private void Check(DType type, int bytes, long start)
    {
        if (type != DType)
        {
            throw new InvalidOperationException($"buffer: holds {DType}, copied as {type}");
        }

        if (start < 0 || start + bytes / ElementBytes > Length)
        {
            throw new ArgumentOutOfRangeException(nameof(start), $"buffer: elements {start} to {start + bytes / ElementBytes - 1} do not lie in a buffer of {Length}");
        }
    }
}
