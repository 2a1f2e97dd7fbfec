namespace TaaS.Runtime.ParameterServer;

/// <summary>Which workers a server counts on. Guarded by its owner.</summary>
internal sealed class Membership
{
    private readonly long[] _from;
    private readonly bool[] _gone;
    private readonly bool[] _lost;
    private readonly bool[] _finished;

    public Membership(UpdatePolicy policy)
    {
        _from = new long[policy.MaxWorkers];
        _gone = new bool[_from.Length];
        _lost = new bool[_from.Length];
        _finished = new bool[_from.Length];
        for (var worker = 0; worker < _from.Length; worker++)
        {
            _from[worker] = worker < policy.Workers ? 0 : long.MaxValue;
        }
    }

    /// <summary>Most workers there can be.</summary>
    public int Capacity => _from.Length;

    /// <summary>True when every worker that ever was a member has left or was lost.</summary>
    public bool IsEmpty => Present == 0;

    /// <summary>True where the gradient of a step is waited for.</summary>
    public bool IsExpected(int worker, long step) => !_gone[worker] && step >= _from[worker];

    /// <summary>Members that have not left.</summary>
    public int Present
    {
        get
        {
            var present = 0;
            for (var worker = 0; worker < _from.Length; worker++)
            {
                present += IsPresent(worker) ? 1 : 0;
            }

            return present;
        }
    }

    /// <summary>True if the worker is a member that has not left.</summary>
    public bool IsPresent(int worker) => !_gone[worker] && _from[worker] != long.MaxValue;

    /// <summary>True if the worker has left or was lost.</summary>
    public bool IsGone(int worker) => _gone[worker];

    /// <summary>True if the worker was lost.</summary>
    public bool IsLost(int worker) => _lost[worker];

    /// <summary>True if nobody but this worker has steps to make.</summary>
    public bool OthersAreDone(int worker)
    {
        for (var other = 0; other < _from.Length; other++)
        {
            if (other != worker && IsPresent(other) && !_finished[other])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A worker becomes a member whose gradients are waited for from a step on.</summary>
    public void Join(int worker, long step) => (_from[worker], _gone[worker], _lost[worker], _finished[worker]) = (step, false, false, false);

    /// <summary>A worker has made all its steps.</summary>
    public void Finish(int worker) => _finished[worker] = true;

    /// <summary>A worker is no longer waited for.</summary>
    public void Go(int worker, bool lost) => (_gone[worker], _lost[worker]) = (true, lost);

    /// <summary>Training begins again: nobody has finished, and every member is waited for at once.</summary>
    public void Restart()
    {
        Array.Clear(_finished);
        for (var worker = 0; worker < _from.Length; worker++)
        {
            _from[worker] = _from[worker] == long.MaxValue ? long.MaxValue : 0;
        }
    }
}
