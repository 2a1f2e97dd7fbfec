namespace TaaS.Runtime.Transport;

/// <summary>
/// Those who have connected and not yet proved themselves. Each costs a thread, so there are only so many at once; the one that has
/// been here longest goes for a new one, so that a crowd that says nothing cannot keep out a worker that speaks at once.
/// </summary>
/// <param name="most">Most of them at once.</param>
internal sealed class Strangers(int most)
{
    private readonly LinkedList<FrameConnection> _here = new();

    /// <summary>Somebody has connected.</summary>
    public void Enter(FrameConnection stranger)
    {
        FrameConnection? oldest = null;
        lock (_here)
        {
            if (_here.Count >= most)
            {
                oldest = _here.First!.Value;
                _here.RemoveFirst();
            }

            _here.AddLast(stranger);
        }

        oldest?.End($"refused {oldest.Peer}: it had not proved itself when {most} newer ones came");
    }

    /// <summary>It has proved itself, or gone.</summary>
    public void Leave(FrameConnection stranger)
    {
        lock (_here)
        {
            _here.Remove(stranger);
        }
    }
}
