using System.Buffers;
using TaaS.Kernels;

namespace TaaS.Benchmarks.Distributed.Grpc;

/// <summary>A slice of host memory as <see cref="Memory{T}"/>, so that gRPC can send it without a copy of ours.</summary>
internal sealed class HostMemory(View view) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => System.Runtime.InteropServices.MemoryMarshal.AsBytes(view.Floats);

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("its span is all that is read");

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
