namespace TaaS.Engine;

/// <summary>A seeded stream of random numbers (Philox4x32-10): the same seed and the same calls give the same numbers on every device. Thread-safe.</summary>
public sealed class Generator
{
    private const int WordsPerBlock = 4;

    private readonly Lock _lock = new();
    private ulong _offset;

    /// <summary>Starts a stream.</summary>
    public Generator(ulong seed) => Seed = seed;

    /// <summary>The seed: the key of the counter-based generator.</summary>
    public ulong Seed { get; }

    /// <summary>Next unused block of the counter; save and set it to go on with the same numbers.</summary>
    public ulong Offset
    {
        get
        {
            lock (_lock)
            {
                return _offset;
            }
        }

        set
        {
            lock (_lock)
            {
                _offset = value;
            }
        }
    }

    /// <summary>Sets aside the blocks for that many numbers and gives the first.</summary>
    public ulong Reserve(long numbers)
    {
        lock (_lock)
        {
            var first = _offset;
            _offset += (ulong)((numbers + WordsPerBlock - 1) / WordsPerBlock);
            return first;
        }
    }
}
