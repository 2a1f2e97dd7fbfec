using System.Collections.Concurrent;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;

namespace TaaS.Engine.Data;

/// <summary>Samples and their labels, ready for a step. The buffers belong to the loader and are overwritten after the next batch was taken.</summary>
/// <param name="Samples">[N, …].</param>
/// <param name="Labels">Int32 [N].</param>
public sealed record Batch(Tensor Samples, Tensor Labels);

/// <summary>How a data set is cut into batches.</summary>
public sealed record DataLoaderOptions
{
    /// <summary>Samples in a batch, at least 1.</summary>
    public required int BatchSize { get; init; }

    /// <summary>New order each epoch, the same for all workers of a seed. Default true.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Seed of the order.</summary>
    public ulong Seed { get; init; }

    /// <summary>Which share of each epoch this loader yields, from 0.</summary>
    public int Shard { get; init; }

    /// <summary>Number of shards: together they yield every sample once (but for dropped last batches).</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Leaves out a last batch that is not full, so that all have one shape. Default true.</summary>
    public bool DropLast { get; init; } = true;

    /// <summary>Batches prepared ahead in the background, at least 1.</summary>
    public int Prefetch { get; init; } = 2;
}

/// <summary>Yields an epoch as batches in host memory, prepared ahead in the background into buffers that are used again.</summary>
public sealed class DataLoader
{
    private readonly IDataset _dataset;
    private readonly DataLoaderOptions _options;

    /// <summary>Makes a loader.</summary>
    /// <exception cref="DataException">Options that leave no batch.</exception>
    public DataLoader(IDataset dataset, DataLoaderOptions options)
    {
        (_dataset, _options) = (dataset, options);
        if (options.BatchSize < 1 || options.Prefetch < 1 || options.Shards < 1 || options.Shard < 0 || options.Shard >= options.Shards)
        {
            throw new DataException($"data loader: impossible options {options}; batch size, prefetch and shards are at least 1, the shard is below the number of shards");
        }

        if (BatchesPerEpoch == 0)
        {
            throw new DataException($"data loader: {dataset.Count} samples in {options.Shards} shards leave no full batch of {options.BatchSize}; use a smaller batch or fewer workers");
        }
    }

    /// <summary>Batches of each epoch.</summary>
    public int BatchesPerEpoch => _options.DropLast
        ? SamplesPerEpoch / _options.BatchSize
        : (SamplesPerEpoch + _options.BatchSize - 1) / _options.BatchSize;

    // With a dropped remainder all shards have equally many samples, so that workers in lockstep end together.
    private int SamplesPerEpoch => _dataset.Count / _options.Shards + (!_options.DropLast && _options.Shard < _dataset.Count % _options.Shards ? 1 : 0);

    /// <summary>Yields the batches of an epoch. Leaving the loop early stops the background work.</summary>
    /// <param name="epoch">Which epoch, from 0: sets the order.</param>
    /// <param name="skip">Batches to leave out at the start, to go on within an epoch.</param>
    /// <param name="cancel">Ends the epoch with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="DataException">A sample cannot be read.</exception>
    public IEnumerable<Batch> Epoch(int epoch, int skip = 0, CancellationToken cancel = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        // One more buffer than is prepared ahead: the one the caller works on.
        using var free = new BlockingCollection<Batch>();
        using var ready = new BlockingCollection<Batch>();
        for (var i = 0; i <= _options.Prefetch; i++)
        {
            free.Add(NewBatch(_options.BatchSize), CancellationToken.None);
        }

        var filling = Task.Run(() => Fill(epoch, skip, free, ready, stop.Token), CancellationToken.None);
        try
        {
            foreach (var batch in ready.GetConsumingEnumerable(cancel))
            {
                yield return batch;
                free.Add(batch, CancellationToken.None);
            }

            filling.GetAwaiter().GetResult();
        }
        finally
        {
            stop.Cancel();
            ((IAsyncResult)filling).AsyncWaitHandle.WaitOne();
        }
    }

    private void Fill(int epoch, int skip, BlockingCollection<Batch> free, BlockingCollection<Batch> ready, CancellationToken stop)
    {
        try
        {
            var order = new int[_dataset.Count];
            Permutation.Fill(order, _options.Seed, epoch, _options.Shuffle);
            for (var number = skip; number < BatchesPerEpoch; number++)
            {
                var batch = free.Take(stop);
                var first = number * _options.BatchSize;
                var count = Math.Min(_options.BatchSize, SamplesPerEpoch - first);
                if (count < batch.Labels.Shape[0])
                {
                    batch = NewBatch(count);
                }

                var size = (int)_dataset.SampleShape.Elements;
                var samples = batch.Samples.View.Floats;
                var labels = batch.Labels.View.Ints;
                for (var i = 0; i < count; i++)
                {
                    // Shards take turns, so each sees the whole range of the order.
                    _dataset.Read(order[(first + i) * _options.Shards + _options.Shard], samples.Slice(i * size, size), out labels[i]);
                }

                ready.Add(batch, stop);
            }
        }
        finally
        {
            ready.CompleteAdding();
        }
    }

    private Batch NewBatch(int count) => new(
        Tensor.Empty(new Shape([count, .. _dataset.SampleShape.ToArray()]), CpuDevice.Instance),
        Tensor.Empty(new Shape(count), CpuDevice.Instance, DType.Int32));
}
