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

    /// <summary>Adds one who waits, before the first exchange.</summary>
    /// <param name="wake">Lets it look again.</param>
    public void Add(Action wake) => _wake.Add(wake);

    /// <summary>The next exchange begins.</summary>
    public void Next() => Interlocked.Increment(ref _current);

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
