using System.Diagnostics;
using TaaS.Runtime.Observability;
using TaaS.Runtime.Tests.Running;

namespace TaaS.Runtime.Tests.Observability;

/// <summary>Measuring in the hot path. Lost otherwise: a training step that makes garbage.</summary>
public sealed class AllocationTests
{
    [Fact]
    public void Step_OfAWorkerAndAServer_AllocatesNothing()
    {
        using var workerRole = new RoleMetrics("worker-0");
        using var serverRole = new RoleMetrics("ps-0");
        var worker = new WorkerMetrics(workerRole, new ProgressProbe());
        var server = new ServerMetrics(serverRole, workers: 3, new StragglerWatch(3, TimeProvider.System));
        var log = new RoleLogger(_ => { });
        server.Registered(slices: 2);
        server.Initialized();
        long step = 0;

        Assert.Equal(0, SteadyState.AllocatedBytes(() =>
        {
            for (var round = 0; round < 100; round++)
            {
                step++;
                var began = Stopwatch.GetTimestamp();
                worker.Step(step, 64);
                worker.Sent(4096);
                worker.Received(4096);
                worker.Waited(began);
                log.Step(step, 64);
                server.Received(4096);
                server.Pushed(1, step, slice: 1, updates: step);
                server.Updated(1, began);
                server.Queued();
                server.Answered(1, 4096, hasParameters: true);
                server.Read(1, slice: 1, step + 1);
            }
        }));
    }
}
