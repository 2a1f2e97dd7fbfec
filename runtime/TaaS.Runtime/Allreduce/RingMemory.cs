using System.Numerics;
using System.Runtime.InteropServices;
using TaaS.Kernels;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Runtime.Allreduce;

/// <summary>
/// A worker's memory beside its model: sums of gradients in the making, fresh values, and the optimizer slots of the chunks it owns.
/// The values of its own chunks are the ones that it updates; the model gets a copy when the worker asks for it.
/// </summary>
/// <remarks>
/// Each chunk has its place in two buffers, so that what a neighbour sends can always be taken in, however far this worker is. A place is
/// free again for the next step, without anyone asking, because that cannot reach this worker before it has sent on what was there.
/// </remarks>
internal sealed class RingMemory
{
    private readonly RingLayout _layout;
    private readonly int _worker;
    private readonly IReadOnlyList<View> _model;
    private readonly HostBuffer[] _sums;
    private readonly HostBuffer[] _values;
    private readonly HostBuffer[][] _slots;
    private readonly UpdateList?[] _updates;

    /// <summary>Allocates.</summary>
    /// <param name="layout">Buckets and chunks.</param>
    /// <param name="worker">Index of this worker.</param>
    /// <param name="model">Parameter memory, contiguous, on the host.</param>
    /// <param name="slots">Optimizer slots of each parameter.</param>
    public RingMemory(RingLayout layout, int worker, IReadOnlyList<View> model, int slots)
    {
        (_layout, _worker, _model) = (layout, worker, model);
        var device = model[0].Buffer.Device;
        _sums = [.. layout.Buckets.Select(bucket => SliceState.Allocate(device, bucket.Length))];
        _values = [.. layout.Buckets.Select(bucket => SliceState.Allocate(device, bucket.Length))];
        _slots = [.. layout.Buckets.Select(bucket => Enumerable.Range(0, slots).Select(_ => SliceState.Allocate(device, bucket.Chunks[worker].Length)).ToArray())];
        _updates = [.. Enumerable.Range(0, layout.Buckets.Length).Select(UpdatesOf)];
    }

    /// <summary>Gradient memory of this worker, in the model's order.</summary>
    public IReadOnlyList<View> Gradients { get; set; } = [];

    /// <summary>Place of the sum of a chunk's gradients.</summary>
    public Span<byte> Sum(int bucket, int chunk) => MemoryMarshal.AsBytes(Floats(_sums, bucket, chunk));

    /// <summary>Place of a chunk's values.</summary>
    public Span<byte> Values(int bucket, int chunk) => MemoryMarshal.AsBytes(Floats(_values, bucket, chunk));

    /// <summary>An optimizer slot of the chunk that this worker owns.</summary>
    public Span<byte> Slot(int bucket, int slot) => _slots[bucket][slot].Bytes;

    /// <summary>Adds this worker's gradient to the sum of a chunk, or begins the sum with it.</summary>
    public void Add(int bucket, int chunk, bool isFirst)
    {
        var sum = _sums[bucket].Floats;
        foreach (ref readonly var segment in _layout.Buckets[bucket].Chunks[chunk].Segments.AsSpan())
        {
            var own = Gradients[segment.Parameter].Floats.Slice(segment.Offset, segment.Length);
            if (isFirst)
            {
                own.CopyTo(sum[segment.Start..]);
            }
            else
            {
                Add(own, sum.Slice(segment.Start, segment.Length));
            }
        }
    }

    /// <summary>Updates the chunk that this worker owns by the mean of the gradients in its sum.</summary>
    public void Update(int bucket, int gradients, in UpdateRule rule)
    {
        if (_updates[bucket] is not { } updates)
        {
            return;
        }

        if (gradients > 1)
        {
            Scale(Floats(_sums, bucket, _worker), 1f / gradients);
        }

        updates.Device.Optimizer.Update(updates, rule);
    }

    /// <summary>Brings the values of a bucket into the model.</summary>
    public void Deliver(int bucket)
    {
        ReadOnlySpan<float> values = _values[bucket].Floats;
        foreach (var chunk in _layout.Buckets[bucket].Chunks)
        {
            foreach (ref readonly var segment in chunk.Segments.AsSpan())
            {
                values.Slice(segment.Start, segment.Length).CopyTo(_model[segment.Parameter].Floats[segment.Offset..]);
            }
        }
    }

    /// <summary>Takes all values, and the slots of this worker's own chunks, from a state.</summary>
    public void Load(ParameterState state)
    {
        for (var bucket = 0; bucket < _layout.Buckets.Length; bucket++)
        {
            for (var chunk = 0; chunk < _layout.Workers; chunk++)
            {
                Read(state, bucket, chunk, 0, Values(bucket, chunk));
            }

            for (var slot = 0; slot < _slots[bucket].Length; slot++)
            {
                Read(state, bucket, _worker, 1 + slot, Slot(bucket, slot));
            }
        }
    }

    /// <summary>Puts all values, and the slots of this worker's own chunks, into a state.</summary>
    public void Save(ParameterState state)
    {
        for (var bucket = 0; bucket < _layout.Buckets.Length; bucket++)
        {
            for (var chunk = 0; chunk < _layout.Workers; chunk++)
            {
                Write(state, bucket, chunk, 0, Values(bucket, chunk));
            }

            for (var slot = 0; slot < _slots[bucket].Length; slot++)
            {
                Write(state, bucket, _worker, 1 + slot, Slot(bucket, slot));
            }
        }
    }

    /// <summary>Copies a part of a chunk out of a state.</summary>
    public void Read(ParameterState state, int bucket, int chunk, int part, Span<byte> to)
    {
        var at = _layout.Buckets[bucket].Chunks[chunk];
        var floats = MemoryMarshal.Cast<byte, float>(to);
        foreach (ref readonly var segment in at.Segments.AsSpan())
        {
            state.Parts[segment.Parameter][part].Floats.Slice(segment.Offset, segment.Length).CopyTo(floats[(segment.Start - at.Start)..]);
        }
    }

    /// <summary>Copies a part of a chunk into a state.</summary>
    public void Write(ParameterState state, int bucket, int chunk, int part, ReadOnlySpan<byte> from)
    {
        var at = _layout.Buckets[bucket].Chunks[chunk];
        var floats = MemoryMarshal.Cast<byte, float>(from);
        foreach (ref readonly var segment in at.Segments.AsSpan())
        {
            floats.Slice(segment.Start - at.Start, segment.Length).CopyTo(state.Parts[segment.Parameter][part].Floats[segment.Offset..]);
        }
    }

    private Span<float> Floats(HostBuffer[] of, int bucket, int chunk)
    {
        var at = _layout.Buckets[bucket].Chunks[chunk];
        return of[bucket].Floats.Slice(at.Start, at.Length);
    }

    private UpdateList? UpdatesOf(int bucket)
    {
        var own = _layout.Buckets[bucket].Chunks[_worker];
        return own.Length == 0 ? null : new UpdateList([.. own.Segments.Select(segment => OptimizerSettings.Pair(
            Window(_values[bucket], segment.Start, segment.Length),
            Window(_sums[bucket], segment.Start, segment.Length),
            [.. _slots[bucket].Select(slot => Window(slot, segment.Start - own.Start, segment.Length))]))]);
    }

    private static View Window(HostBuffer buffer, int start, int length) =>
        new(buffer, new Shape(length), new Shape(length).ContiguousStrides, start);

    private static void Add(ReadOnlySpan<float> own, Span<float> sum)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(sum);
        var owns = MemoryMarshal.Cast<float, Vector<float>>(own);
        for (var index = 0; index < vectors.Length; index++)
        {
            vectors[index] += owns[index];
        }

        for (var index = vectors.Length * Vector<float>.Count; index < sum.Length; index++)
        {
            sum[index] += own[index];
        }
    }

    private static void Scale(Span<float> sum, float factor)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(sum);
        for (var index = 0; index < vectors.Length; index++)
        {
            vectors[index] *= factor;
        }

        for (var index = vectors.Length * Vector<float>.Count; index < sum.Length; index++)
        {
            sum[index] *= factor;
        }
    }
}
