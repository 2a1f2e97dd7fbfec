using TaaS.Jobs;
using TaaS.Runtime.Observability;

namespace TaaS.Runtime.Tests.Observability;

/// <summary>How a straggler is told of. Lost otherwise: users who learn of a slow machine from the bill.</summary>
public sealed class ServerObservationTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Straggler_AtEachServer_IsLogged_AndTheFirstTellsTheUserOnce(int server, int notices)
    {
        var output = new StringWriter();
        var time = new FixedTime();
        using var role = RoleObservation.Open(Place(server), RoleReporter.ToSupervisor(output));
        using var observation = new ServerObservation(role, server, workers: 2, time);

        observation.Metrics.Registered(slices: 1);
        Train(observation, time, slowMs: 400);
        Train(observation, time, slowMs: 100);
        Train(observation, time, slowMs: 400);

        var messages = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => RoleMessage.Parse(line)!).ToArray();
        Assert.Equal(
            [notices == 1 ? RoleMessageKind.Notice : RoleMessageKind.Log, RoleMessageKind.Log, RoleMessageKind.Log],
            messages.Select(message => message.Kind));
        Assert.StartsWith("worker-1 is a straggler: ", messages[0].Text, StringComparison.Ordinal);
        Assert.EndsWith(" ms a step of its own where the others need 100 ms, for 10 s; see what else runs on its machine", messages[0].Text, StringComparison.Ordinal);
        Assert.StartsWith("worker-1 keeps up again: ", messages[1].Text, StringComparison.Ordinal);
        Assert.StartsWith("worker-1 is a straggler: ", messages[2].Text, StringComparison.Ordinal);
    }

    private static RoleEnvironment Place(int server) => new()
    {
        Task = new TaskConfig(new ClusterSpec(["a:1", "b:1"], ["c:1", "d:1"]), new TaskSpec(Role.ParameterServer, server)),
        JobPath = "job.yaml",
        Folder = ".",
        Secret = "test",
        Threads = 1,
        IsSupervised = true,
    };

    private long _step;

    private void Train(ServerObservation observation, FixedTime time, int slowMs)
    {
        // Twenty seconds in lockstep.
        for (var passed = 0; passed < 20_000; passed += slowMs)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            Push(observation, worker: 0);
            time.Advance(TimeSpan.FromMilliseconds(slowMs - 100));
            Push(observation, worker: 1);
            _step++;
            observation.Metrics.Answered(0, bytes: 1, hasParameters: true);
            observation.Metrics.Answered(1, bytes: 1, hasParameters: true);
            observation.Check();
        }
    }

    private void Push(ServerObservation observation, int worker) => observation.Metrics.Pushed(worker, _step, slice: 0, updates: _step);
}
