using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Tests.Transport;

namespace TaaS.Runtime.Tests.ParameterServer;

/// <summary>Two processes that claim one place. Lost otherwise: two workers that throw each other out for ever, with half the gradients each.</summary>
public sealed class SameIndexTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public void SecondWorker_FirstIsAlive_IsRefusedWithTheReasonAndTheFirstGoesOn()
    {
        using var rig = Rig();
        var first = Begin(rig);

        var second = rig.Join(1, StoreRig.Quick with { Incarnation = 2, Connect = TimeSpan.FromMilliseconds(300) });
        var error = Assert.Throws<TrainingException>(() => second.Store.Pull());

        Assert.Contains("worker 1 is already here, from 127.0.0.1:", error.Message, StringComparison.Ordinal);
        Assert.Contains("two workers must not have the same index", error.Message, StringComparison.Ordinal);
        first.Exchange(0);
        // It tried several times, and was spoken of once.
        Assert.Single(rig.Log, line => line.StartsWith("refused a second worker 1, from 127.0.0.1:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SecondWorker_FirstEnds_TakesItsPlace()
    {
        using var rig = Rig();
        var first = Begin(rig);
        var second = rig.Join(1, StoreRig.Quick with { Incarnation = 2 });
        var pulling = Task.Run(second.Store.Pull);
        while (!rig.Log.Any(line => line.StartsWith("refused a second worker 1", StringComparison.Ordinal)))
        {
            await Task.Yield();
        }

        Assert.False(pulling.IsCompleted);
        first.Exchange(0);
        first.Store.Dispose();

        Assert.Equal(1, await pulling.WaitAsync(Limit));
    }

    [Fact]
    public void SameWorker_ComesBackWhileItsOldConnectionSeemsAlive_TakesItsOwnPlaceAtOnce()
    {
        using var server = new SmallServer();
        using var old = server.ConnectAsWorker();

        using var again = server.ConnectAsWorker();

        old.ReceiveToEnd();
        again.Send(RawPeer.Frame(RawPeer.Pull, request: 1, worker: 1, slice: 0));
        Assert.Equal(RawPeer.Parameters, again.Receive().Type);
    }

    private static StoreRig Rig() => new(1, new UpdatePolicy(-1, 2), sockets: true);

    private static RigWorker Begin(StoreRig rig)
    {
        rig.Join(0).Store.Initialize(rig.RandomState(1));
        var first = rig.Join(1, StoreRig.Quick with { Incarnation = 1 });
        first.Store.Pull();
        return first;
    }
}
