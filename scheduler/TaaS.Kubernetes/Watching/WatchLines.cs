using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace TaaS.Kubernetes;

/// <summary>A watch's answer, line by line as it comes, without a copy.</summary>
internal static class WatchLines
{
    /// <summary>Lines that are not empty, without their ends; each is valid until the next is asked for.</summary>
    /// <exception cref="ApiException">The connection broke.</exception>
    public static async IAsyncEnumerable<ReadOnlySequence<byte>> ReadAsync(Stream stream, string what, [EnumeratorCancellation] CancellationToken cancel)
    {
        var reader = PipeReader.Create(stream);
        while (true)
        {
            var result = await NextAsync(reader, what, cancel).ConfigureAwait(false);
            var left = result.Buffer;
            while (left.PositionOf((byte)'\n') is { } end)
            {
                if (left.Slice(0, end) is { IsEmpty: false } line)
                {
                    yield return line;
                }

                left = left.Slice(left.GetPosition(1, end));
            }

            if (result.IsCompleted)
            {
                if (!left.IsEmpty)
                {
                    yield return left;
                }

                await reader.CompleteAsync().ConfigureAwait(false);
                yield break;
            }

            reader.AdvanceTo(left.Start, left.End);
        }
    }

    private static async ValueTask<ReadResult> NextAsync(PipeReader reader, string what, CancellationToken cancel)
    {
        try
        {
            return await reader.ReadAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new ApiException(ApiFailure.Transient, $"{what}: the connection broke: {error.Message}", error);
        }
    }
}
