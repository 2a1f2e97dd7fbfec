using TaaS.Kernels;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Tests.Transport;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.ParameterServer;

/// <summary>
/// A line tells which generation its server was in when the line was made. Heard only after the first questions, which may have brought
/// the server into another, it would send training back though nothing was lost.
/// </summary>
public sealed class ServerLinkTests
{
    [Fact]
    public void Generation_OfANewLine_IsHeardBeforeAnyQuestionGoesOut()
    {
        using var asked = new ManualResetEventSlim();
        using var server = new HostileServer(peer =>
        {
            peer.Admit(SmallServer.Secret, 0);
            peer.Receive();
            peer.Send(RawPeer.Frame(RawPeer.Done, generation: 7, worker: 0));
            while (peer.Receive().Type != RawPeer.Pull)
            {
            }

            asked.Set();
            peer.ReceiveToEnd();
        });
        var rounds = new ExchangeRounds { Generation = 5 };
        ServerLink? link = null;
        bool? askedBefore = null;
        using var ready = new ManualResetEventSlim();
        rounds.Add(() =>
        {
            // On the thread that makes the line, while it takes in what it heard: another could ask now.
            ready.Wait();
            link!.ReleaseAll();
            askedBefore ??= asked.Wait(TimeSpan.FromMilliseconds(300));
        });
        var dialer = new ServerDialer("ps-0", server.Address, 0, SmallServer.Signature, SmallServer.Layout, SmallServer.Options);
        using (link = new ServerLink(dialer, 0, rounds, SmallServer.Options, encoder: null, metrics: null))
        {
            rounds.Next();
            link.Begin([new LinkRequest(MessageType.Pull, 0, 0, default, default(View))], 0, 5, isHeld: false);
            ready.Set();

            Assert.True(asked.Wait(TimeSpan.FromSeconds(20)), "the question never went out");
        }

        Assert.True(rounds.IsOver);
        Assert.False(askedBefore);
    }
}
