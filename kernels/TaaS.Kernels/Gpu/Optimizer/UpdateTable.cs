using System.Runtime.InteropServices;
using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// An <see cref="UpdateList"/> cut into chunks, in the device's memory, made once for each list, and one view that reaches them all.
/// <b>Why that view is safe</b>: the blocks of a device lie in one address space, so from the lowest operand on every other is some floats further;
/// what lies between may belong to anybody, but the chunks lead past it; and the list's views, which whoever launches holds, keep every block in place.
/// </summary>
internal sealed class UpdateTable
{
    /// <summary>Elements of a chunk: short enough that even a small model has a chunk for every multiprocessor.</summary>
    internal const int ChunkLength = 4096;

    private readonly GpuBuffer? _buffer;
    private readonly long _start;

    internal UpdateTable(GpuDevice device, UpdateList updates)
    {
        IsOrdered = Overlaps(updates);
        foreach (ref readonly var update in updates.Items)
        {
            Count += (int)((update.Parameter.Elements + ChunkLength - 1) / ChunkLength);
            Slots = Math.Min(Slots, update.First is null ? 0 : update.Second is null ? 1 : 2);
        }

        if (Count == 0 || IsOrdered)
        {
            return;
        }

        Reach = FromLowestToHighest(updates, out _start);
        var chunks = new UpdateChunk[Count];
        var next = 0;
        foreach (ref readonly var update in updates.Items)
        {
            next += Cut(update, chunks.AsSpan(next));
        }

        var bits = MemoryMarshal.Cast<UpdateChunk, int>(chunks);
        _buffer = (GpuBuffer)device.Allocate(DType.Int32, bits.Length);
        _buffer.Upload(bits);
    }

    /// <summary>Whether some memory is written twice, so that the updates must follow one another.</summary>
    internal bool IsOrdered { get; }

    /// <summary>Slots that every parameter has.</summary>
    internal int Slots { get; } = 2;

    /// <summary>Number of chunks.</summary>
    internal int Count { get; }

    /// <summary>The chunks on the device; none where the updates are ordered.</summary>
    internal ArrayView<UpdateChunk> Chunks => _buffer!.Bits.Cast<UpdateChunk>();

    /// <summary>The memory from the lowest operand to the end of the highest, in which the chunks count.</summary>
    internal ArrayView<float> Reach { get; }

    private int Cut(in ParameterUpdate update, Span<UpdateChunk> chunks)
    {
        var parameter = Position(update.Parameter);
        var gradient = Position(update.Gradient);
        var first = update.First is { } one ? Position(one) : parameter;
        var second = update.Second is { } two ? Position(two) : parameter;
        var aligned = (parameter | gradient | first | second) % Float4.Count == 0;
        var count = 0;
        for (long start = 0; start < update.Parameter.Elements; start += ChunkLength)
        {
            var length = (int)Math.Min(ChunkLength, update.Parameter.Elements - start);
            chunks[count++] = new UpdateChunk
            {
                Parameter = parameter + start,
                Gradient = gradient + start,
                First = first + start,
                Second = second + start,
                Length = length,
                Words = aligned ? length / Float4.Count : 0,
            };
        }

        return count;
    }

    private long Position(in View view) => (Address(view) - _start) / sizeof(float);

    private static long Address(in View view) => ((GpuBuffer)view.Buffer).Address + view.Offset * sizeof(float);

    private static ArrayView<float> FromLowestToHighest(UpdateList updates, out long start)
    {
        GpuBuffer? lowest = null;
        long end = 0;
        foreach (ref readonly var update in updates.Items)
        {
            Add(update.Parameter);
            Add(update.Gradient);
            Add(update.First);
            Add(update.Second);
        }

        start = lowest!.Address;
        return lowest.Reaching(end - start).Cast<float>();

        void Add(in View? view)
        {
            if (view is { } some)
            {
                var buffer = (GpuBuffer)some.Buffer;
                lowest = lowest is null || buffer.Address < lowest.Address ? buffer : lowest;
                end = Math.Max(end, buffer.Address + buffer.Length * sizeof(float));
            }
        }
    }

    private static bool Overlaps(UpdateList updates)
    {
        var written = new List<(long Start, long End)>();
        foreach (ref readonly var update in updates.Items)
        {
            Add(update.Parameter);
            Add(update.First);
            Add(update.Second);
        }

        written.Sort();
        for (var i = 1; i < written.Count; i++)
        {
            if (written[i].Start < written[i - 1].End)
            {
                return true;
            }
        }

        return false;

        void Add(in View? view)
        {
            if (view is { Elements: > 0 } some)
            {
                written.Add((Address(some), Address(some) + some.Elements * sizeof(float)));
            }
        }
    }
}
