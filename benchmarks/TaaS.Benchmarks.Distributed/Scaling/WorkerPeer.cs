using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TaaS.Benchmarks.Distributed.Content;
using TaaS.Benchmarks.Distributed.Processes;
using TaaS.Benchmarks.Distributed.Simulation;
using TaaS.Benchmarks.Distributed.Transport;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Benchmarks.Distributed.Scaling;

/// <summary>What a worker tells of its steps.</summary>
/// <param name="Times">When its steps ended, by a clock that all processes of the machine share.</param>
/// <param name="ComputeSeconds">Mean of what its computing really took, without the steps that <see cref="StepCost"/> leaves out.</param>
/// <param name="ProcessorSeconds">Mean processor time of a step.</param>
internal sealed record WorkerReport(StepTimes Times, double ComputeSeconds, double ProcessorSeconds);

/// <summary>A worker as a peer: instead of training it waits a fixed time, as for a device, then exchanges a model of a given size by the product's own store.</summary>
internal static class WorkerPeer
{
    internal const string Kind = "worker";

    /// <summary>It has warmed up and waits for <see cref="Go"/>.</summary>
    internal const string Ready = "ready";

    /// <summary>Take the steps that count; the answer is a <see cref="WorkerReport"/>.</summary>
    internal const string Go = "go";

    /// <summary>End training; the answer is <see cref="Ready"/>, after the chief has checked the final values.</summary>
    internal const string Finish = "finish";

    private static readonly ManualResetEventSlim Never = new();

    /// <summary>Starts one.</summary>
    internal static PeerProcess Start(int worker, ScalingCase one, int warmUps, int steps, IReadOnlyList<string> servers, string secret) => PeerProcess.Start(
        [Kind, .. new[] { worker, one.Policy.Workers, one.Policy.Staleness, one.Elements, one.ComputeMs, warmUps, steps }.Select(number => number.ToString(CultureInfo.InvariantCulture)), .. servers],
        secret);

    /// <summary>Is one.</summary>
    internal static void Run(IReadOnlyList<string> arguments)
    {
        int[] numbers = [.. arguments.Take(7).Select(argument => int.Parse(argument, CultureInfo.InvariantCulture))];
        string[] servers = [.. arguments.Skip(7)];
        var (worker, policy, compute, warmUps, steps) = (numbers[0], new UpdatePolicy(numbers[2], numbers[1]), TimeSpan.FromMilliseconds(numbers[4]), numbers[5], numbers[6]);
        var model = new ModelContent(numbers[3], servers.Length);
        var secret = Environment.GetEnvironmentVariable(PeerProcess.SecretVariable)!;
        using var store = new SocketParameterStore(servers, worker, model.Layout, model.Values, ModelContent.Optimizer, policy, OwnExchange.Options(secret));
        if (worker == 0)
        {
            store.Initialize(model.InitialState());
        }

        store.Pull();
        for (var step = 0; step < warmUps; step++)
        {
            Compute(compute);
            Exchange(store, model, step);
        }

        PeerConversation.Say(Ready);
        Expect(Go);
        PeerConversation.Say(JsonSerializer.Serialize(Measure(store, model, compute, warmUps, steps)));
        Expect(Finish);
        if (worker == 0)
        {
            store.PullFinal();
            Check(model, policy, warmUps + steps);
        }

        store.Finish();
        PeerConversation.Say(Ready);
        Console.In.ReadToEnd();
    }

    private static WorkerReport Measure(SocketParameterStore store, ModelContent model, TimeSpan compute, int warmUps, int steps)
    {
        var ends = new double[steps];
        double computed = 0;
        var before = PeerUsage.Current;
        var start = Now();
        for (var step = 0; step < steps; step++)
        {
            var took = Compute(compute);
            computed += step < StepCost.Skipped(steps) ? 0 : took;
            Exchange(store, model, warmUps + step);
            ends[step] = Now();
        }

        return new WorkerReport(new StepTimes(start, ends), computed / (steps - StepCost.Skipped(steps)), (PeerUsage.Current - before).ProcessorSeconds / steps);
    }

    private static double Compute(TimeSpan compute)
    {
        // A wait counts ticks of 1 ms, the first of which has begun already: it may end before its time.
        var start = Now();
        for (var left = compute.TotalSeconds; left > 0; left = start + compute.TotalSeconds - Now())
        {
            Never.Wait((int)Math.Ceiling(left * 1000));
        }

        return Now() - start;
    }

    private static void Exchange(SocketParameterStore store, ModelContent model, long step)
    {
        store.Begin(step, model.Gradients);
        if (store.Complete() != step + 1)
        {
            throw new BenchmarkException($"the servers did not go on after step {step}; a process was lost");
        }
    }

    // In sync a step is one update by the mean; its rounding is far below what one update more or less makes.
    private static void Check(ModelContent model, UpdatePolicy policy, int steps) =>
        model.Check(policy.IsSync ? steps : (long)steps * policy.Workers, policy.IsSync ? 0.1f : 0);

    private static void Expect(string line)
    {
        if (Console.In.ReadLine() != line)
        {
            throw new BenchmarkException("the parent went away");
        }
    }

    // The monotonic clock counts from the same moment in every process.
    private static double Now() => (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency;
}
