namespace TaaS.Runtime.ParameterServer;

/// <summary>The exchanges of one worker with all its servers, one after another. When one server says that training went back, nobody waits for the others.</summary>
internal sealed class ExchangeRounds
{
    private readonly List<Action> _wake = [];
    private long _current;
    private long _over = -1;

    /// <summary>Number of the exchange that goes on.</summary>
    public long Current => Volatile.Read(ref _current);

    /// <summary>True once training went back in the exchange that goes on.</summary>
    public bool IsOver => Volatile.Read(ref _over) == Current;

    /// <summary>Generation that this worker is in; 0 while it is in none.</summary>
    public uint Generation { get; set; }

    /// <summary>Adds one who waits, before the first exchange.</summary>
    /// <param name="wake">Lets it look again.</param>
    public void Add(Action wake) => _wake.Add(wake);

    /// <summary>The next exchange begins.</summary>
    public void Next() => Interlocked.Increment(ref _current);

    /// <summary>
    /// A server that was reached again says which generation it is in. If it lost its memory, nobody else may ever ask it, while others wait for this worker.
    /// </summary>
    public void Reached(uint generation)
    {
        if (Generation != 0 && generation != Generation)
        {
            GoBack(Current);
        }
    }

    /// <summary>A server said in an exchange that training went back.</summary>
    public void GoBack(long round)
    {
        Volatile.Write(ref _over, round);
        foreach (var wake in _wake)
        {
            wake();
        }
    }
}
