using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Simulation;

/// <summary>
/// One connection. Frames are delayed; pushes and questions may come twice and overtake each other; a frame that is dropped breaks the
/// connection, as a lost segment in the end does with TCP, and everything on its way is lost.
/// </summary>
internal sealed class SimulatedConnection(SimulatedCluster cluster, SimulatedServer server, SimulatedLink link, int worker)
{
    private double _lastToServer;
    private double _lastToWorker;

    public int Worker => worker;

    public bool IsOpen { get; private set; } = true;

    public WorkerDialog? Dialog { get; set; }

    public AnswerQueue Answers { get; } = new();

    /// <summary>The answer that is due next and waits for something.</summary>
    public Answer? Owed { get; set; }

    public void ToServer(FrameHeader header, byte[] content)
    {
        var mayWander = header.Type is MessageType.Push or MessageType.Pull or MessageType.Snapshot or MessageType.PullFinal;
        var copies = mayWander && cluster.Network.Duplicates() ? 2 : 1;
        for (var copy = 0; copy < copies; copy++)
        {
            Send(ref _lastToServer, mayWander, () => server.Take(this, header, content));
        }
    }

    public void ToWorker(FrameHeader header, byte[] content)
    {
        var copies = cluster.Network.Duplicates() ? 2 : 1;
        for (var copy = 0; copy < copies; copy++)
        {
            Send(ref _lastToWorker, true, () => link.Take(header, content));
        }
    }

    /// <summary>The connection is gone; both sides notice after a while.</summary>
    public void Break()
    {
        if (IsOpen)
        {
            IsOpen = false;
            cluster.Clock.After(cluster.Network.Delay(), () => link.Lost(this));
        }
    }

    private void Send(ref double last, bool mayWander, Action arrive)
    {
        if (!IsOpen)
        {
            return;
        }

        if (cluster.Network.Drops())
        {
            Break();
            return;
        }

        // What must keep its place arrives after everything before it.
        var at = cluster.Clock.Now + cluster.Network.Delay();
        at = mayWander ? at : Math.Max(at, last);
        last = Math.Max(last, at);
        cluster.Clock.After(at - cluster.Clock.Now, () =>
        {
            if (IsOpen)
            {
                arrive();
            }
        });
    }
}
