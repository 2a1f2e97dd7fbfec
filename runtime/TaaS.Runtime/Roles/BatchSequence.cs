using TaaS.Engine.Data;

namespace TaaS.Runtime;

/// <summary>The batch of any step: those of one epoch after another come prepared in the background, a jump opens the epoch anew.</summary>
internal sealed class BatchSequence(DataLoader loader) : IDisposable
{
    private IEnumerator<Batch>? _batches;
    private long _next = -1;

    /// <summary>The batch of a step, good until the next call.</summary>
    /// <exception cref="DataException">A sample cannot be read.</exception>
    public Batch At(long step)
    {
        if (_batches is null || step != _next || step % loader.BatchesPerEpoch == 0)
        {
            _batches?.Dispose();
            _batches = loader.Epoch((int)(step / loader.BatchesPerEpoch), skip: (int)(step % loader.BatchesPerEpoch)).GetEnumerator();
        }

        _next = step + 1;
        return _batches.MoveNext() ? _batches.Current : throw new InvalidOperationException($"batches: step {step} lies beyond its epoch");
    }

    /// <inheritdoc/>
    public void Dispose() => _batches?.Dispose();
}
