using CsCheck;
using TaaS.Engine.Data;
using TaaS.Kernels;
using TaaS.Kernels.Reference;

namespace TaaS.Engine.Tests.Data;

/// <summary>A sample seen twice or never in an epoch skews training without a word.</summary>
public sealed class DataLoaderTests
{
    [Fact]
    public void Epoch_ShardsTogether_YieldEverySampleOnce() =>
        Gen.Select(Gen.Int[1, 200], Gen.Int[1, 17], Gen.Int[1, 5], Gen.Int[1, 3], Gen.ULong).Where(t => t.Item1 >= t.Item3).Sample((count, batch, shards, prefetch, seed) =>
        {
            var seen = new List<int>();
            for (var shard = 0; shard < shards; shard++)
            {
                seen.AddRange(Labels(Loader(count, new DataLoaderOptions { BatchSize = batch, Shards = shards, Shard = shard, Prefetch = prefetch, Seed = seed, DropLast = false }), 3));
            }

            seen.Sort();
            Assert.Equal(Enumerable.Range(0, count), seen);
        }, iter: 60);

    [Fact]
    public void Epoch_SameSeed_SameOrder_OtherEpoch_OtherOrder()
    {
        var options = new DataLoaderOptions { BatchSize = 8, Seed = 5 };
        Assert.Equal(Labels(Loader(64, options), 0), Labels(Loader(64, options), 0));
        Assert.NotEqual(Labels(Loader(64, options), 0), Labels(Loader(64, options), 1));
        Assert.NotEqual(Labels(Loader(64, options), 0), Labels(Loader(64, options with { Seed = 6 }), 0));
    }

    [Fact]
    public void Epoch_Skip_GoesOnWhereItWas()
    {
        var loader = Loader(64, new DataLoaderOptions { BatchSize = 8, Seed = 5 });
        Assert.Equal(Labels(loader, 2).Skip(24), loader.Epoch(2, skip: 3).SelectMany(batch => batch.Labels.ToIntArray()));
    }

    [Fact]
    public void Epoch_SampleUnreadable_ReportsInsteadOfHanging()
    {
        var loader = new DataLoader(new Counting(20, broken: 13), new DataLoaderOptions { BatchSize = 4, Shuffle = false });
        var error = Assert.Throws<DataException>(() => Labels(loader, 0));
        Assert.Contains("sample 13", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Epoch_LeftEarlyOrCancelled_Ends()
    {
        var loader = Loader(1000, new DataLoaderOptions { BatchSize = 2 });
        foreach (var _ in loader.Epoch(0))
        {
            break;
        }

        using var cancel = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var _ in loader.Epoch(0, cancel: cancel.Token))
            {
                cancel.Cancel();
            }
        });
    }

    [Fact]
    public void Constructor_NoFullBatch_SaysWhy() =>
        Assert.Contains("no full batch", Assert.Throws<DataException>(() => Loader(10, new DataLoaderOptions { BatchSize = 8, Shards = 2 })).Message, StringComparison.Ordinal);

    private static DataLoader Loader(int count, DataLoaderOptions options) => new(new Counting(count), options);

    private static List<int> Labels(DataLoader loader, int epoch)
    {
        var labels = new List<int>();
        foreach (var batch in loader.Epoch(epoch))
        {
            var values = batch.Samples.ToArray();
            var batchLabels = batch.Labels.ToIntArray();
            for (var i = 0; i < batchLabels.Length; i++)
            {
                Assert.Equal(batchLabels[i], values[i * 2]);
            }

            labels.AddRange(batchLabels);
        }

        return labels;
    }

    /// <summary>Sample i is [i, −i] with label i.</summary>
    private sealed class Counting(int count, int broken = -1) : IDataset
    {
        public int Count => count;

        public Shape SampleShape => new(2);

        public int Classes => count;

        public void Read(int index, Span<float> sample, out int label)
        {
            if (index == broken)
            {
                throw new DataException($"sample {index} is broken");
            }

            (sample[0], sample[1], label) = (index, -index, index);
        }
    }
}
