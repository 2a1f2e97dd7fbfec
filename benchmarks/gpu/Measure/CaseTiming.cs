using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Timing;
using TaaS.Kernels;
using TaaS.Kernels.Gpu;

namespace TaaS.Benchmarks.Gpu.Measure;

/// <summary>Checks an operation, then times it and PyTorch's in turn, round after round, so that clocks and neighbours favour nobody.</summary>
/// <param name="device">Where ours runs.</param>
/// <param name="reference">Whose results are right.</param>
/// <param name="scale">How large operands are.</param>
/// <param name="peer">PyTorch, or null.</param>
/// <param name="rounds">Rounds that count.</param>
/// <param name="sample">Least time of one sample.</param>
internal sealed class CaseTiming(GpuDevice device, Device reference, Scale scale, TorchPeer? peer, int rounds, TimeSpan sample)
{
    /// <summary>Measures one operation.</summary>
    internal CaseOutcome Measure(Operation operation)
    {
        var copies = Rotation.Copies(operation, scale);
        var (own, frozen, problem) = PrepareOurs(operation, copies);
        var (eager, graph, peerProblem) = PreparePeer(operation, copies);
        Way[] ways = [.. new[] { own, frozen, eager, graph }.OfType<Way>()];
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < ways.Length; i++)
            {
                ways[(i + round) % ways.Length].Sample();
            }
        }

        peer?.Release();
        peerProblem ??= eager?.Problem ?? graph?.Problem;
        return new CaseOutcome(operation, copies, own?.Times, frozen?.Times ?? (IsFrozenAnyway(operation) ? own?.Times : null), eager?.Times, graph?.Times, problem ?? own?.Problem ?? frozen?.Problem, peerProblem);
    }

    /// <summary>A training step freezes its launches itself.</summary>
    private static bool IsFrozenAnyway(Operation operation) => operation.Work.Unit == WorkUnit.Image;

    private (Way? Own, Way? Frozen, string? Problem) PrepareOurs(Operation operation, int copies)
    {
        try
        {
            var prepared = Rotation.Prepare(operation, device, copies);
            if (Verification.Check(operation, prepared[0], device, reference) is { } difference)
            {
                return (null, null, $"wrong, so not timed: {difference}");
            }

            Action[] runs = [.. prepared.Select(one => one.Run)];
            var own = Stretched(Rotation.InTurn(runs), 1);
            var frozen = IsFrozenAnyway(operation) ? null : device.Freeze(runs);
            return (own, frozen is null ? null : Stretched(frozen, copies), null);
        }
        catch (Exception error)
        {
            // Whatever a kernel throws is the result of its case; the others still run.
            return (null, null, error.Message.ReplaceLineEndings(" "));
        }
    }

    private Way Stretched(Action run, int runsOfACall)
    {
        var calls = Stretch.Calibrate(run, device, sample);
        return new Way(() => Stretch.Seconds(run, device, calls) / calls / runsOfACall);
    }

    private (Way? Eager, Way? Graph, string? Problem) PreparePeer(Operation operation, int copies)
    {
        if (peer is null)
        {
            return (null, null, null);
        }

        try
        {
            var hasGraph = peer.Prepare(operation, copies, sample, out var problem);
            return (new Way(() => peer.Seconds(TorchPeer.Eager)), hasGraph ? new Way(() => peer.Seconds(TorchPeer.Graph)) : null, problem);
        }
        catch (PeerException error)
        {
            return (null, null, error.Message);
        }
    }

    /// <summary>One way of running the operation; after its first failure it has no times.</summary>
    private sealed class Way(Func<double> seconds)
    {
        private readonly List<double> _rounds = [];

        internal string? Problem { get; private set; }

        internal Times? Times => Problem is null ? new Times(_rounds) : null;

        internal void Sample()
        {
            if (Problem is not null)
            {
                return;
            }

            try
            {
                _rounds.Add(seconds());
            }
            catch (Exception error)
            {
                Problem = error.Message.ReplaceLineEndings(" ");
            }
        }
    }
}
