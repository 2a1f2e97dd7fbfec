using TaaS.Runtime.Allreduce;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Runtime.Tests.Allreduce;

/// <summary>Lost otherwise: an element that no worker updates, or two do.</summary>
public sealed class RingLayoutTests
{
    [Fact]
    public void Layout_OfAnyModel_CoversEveryElementOnceInWholeCacheLines()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var model = Enumerable.Range(0, random.Next(1, 9)).Select(index => new ParameterInfo($"p{index}", [random.Next(3) switch { 0 => random.Next(1, 4), 1 => random.Next(1, 200), _ => random.Next(1, 5000) }])).ToArray();
            var (workers, chunk) = (random.Next(1, 9), random.Next(64, 1000));

            var layout = new RingLayout(model, workers, chunk);

            var seen = model.Select(parameter => new int[parameter.Elements]).ToArray();
            foreach (var bucket in layout.Buckets)
            {
                Assert.Equal(workers, bucket.Chunks.Length);
                Assert.Equal(bucket.Length, bucket.Chunks.Sum(part => part.Length));
                Assert.InRange(bucket.Length, 1, chunk * workers);
                foreach (var part in bucket.Chunks)
                {
                    // A chunk is even but for the last cache line.
                    Assert.InRange(part.Length, 0, bucket.Length / workers + 1 + 64);
                    Assert.InRange(part.Bytes, 0, layout.MaxChunkBytes);
                    var at = part.Start;
                    foreach (var segment in part.Segments)
                    {
                        Assert.Equal(at, segment.Start);
                        Assert.Equal(0, segment.Offset % 64);
                        Assert.Contains(segment.Parameter, bucket.Parameters);
                        at += segment.Length;
                        for (var index = 0; index < segment.Length; index++)
                        {
                            seen[segment.Parameter][segment.Offset + index]++;
                        }
                    }

                    Assert.Equal(part.Start + part.Length, at);
                }
            }

            Assert.All(seen, counts => Assert.All(counts, count => Assert.Equal(1, count)));
            for (var parameter = 0; parameter < model.Length; parameter++)
            {
                Assert.Equal(Enumerable.Range(0, layout.Buckets.Length).Where(bucket => layout.Buckets[bucket].Parameters.Contains(parameter)), layout.BucketsOf[parameter]);
            }
        }
    }

    [Fact]
    public void Layout_LastLayersFirst()
    {
        var layout = new RingLayout([new("first", [300]), new("last", [300])], workers: 2, chunkElements: 128);

        Assert.Equal([1], layout.Buckets[0].Parameters);
        Assert.Equal([0], layout.Buckets[^1].Parameters);
    }
}
