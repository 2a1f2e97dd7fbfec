using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TaaS.Kernels;

/// <summary>Memory of the host: pinned, so sockets and native libraries read it in place, and aligned to <see cref="Alignment"/> bytes.</summary>
public sealed unsafe class HostBuffer : DeviceBuffer
{
    /// <summary>Alignment of the first element in bytes: a cache line, and the widest SIMD register.</summary>
    public const int Alignment = 64;

    // On the pinned object heap: never moved, and the collector knows its size.
    private readonly byte[] _memory;
    private readonly void* _start;

    internal HostBuffer(Device device, DType dtype, long length, bool zeroed)
        : base(device, dtype, length)
    {
        if (length < 0 || length > (Array.MaxLength - Alignment) / ElementBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(length), $"buffer: {length} elements asked for; a buffer holds 0 to {(Array.MaxLength - Alignment) / ElementBytes}");
        }

        var bytes = (int)length * ElementBytes + Alignment;
        _memory = zeroed
            ? GC.AllocateArray<byte>(bytes, pinned: true)
            : GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory));
        _start = (void*)((address + Alignment - 1) & ~(nuint)(Alignment - 1));
    }

    /// <summary>The elements as single-precision numbers.</summary>
    public Span<float> Floats => new(Pointer(DType.Float32), (int)Length);

    /// <summary>The elements as integers.</summary>
    public Span<int> Ints => new(Pointer(DType.Int32), (int)Length);

    /// <summary>Raw bytes, whatever the element type.</summary>
    public Span<byte> Bytes => new(_start, (int)Length * ElementBytes);

    /// <summary>Address of the first float. Keep the buffer reachable while it is used.</summary>
    internal float* FloatPointer => (float*)Pointer(DType.Float32);

    /// <summary>Address of the first integer. Keep the buffer reachable while it is used.</summary>
    internal int* IntPointer => (int*)Pointer(DType.Int32);

    private protected override void Upload(ReadOnlySpan<byte> source, long firstByte) => source.CopyTo(Bytes[(int)firstByte..]);

    private protected override void Download(Span<byte> target, long firstByte) => Bytes.Slice((int)firstByte, target.Length).CopyTo(target);

    private void* Pointer(DType expected) => DType == expected
        ? _start
        : throw new InvalidOperationException($"buffer: holds {DType}, read as {expected}");
}
