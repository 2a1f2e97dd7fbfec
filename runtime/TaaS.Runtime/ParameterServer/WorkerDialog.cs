using System.Runtime.InteropServices;
using TaaS.Kernels;
using TaaS.Runtime.Compression;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.ParameterServer;

/// <summary>
/// What a server makes of one worker's frames: which change the shard, and which answers they get. Knows neither sockets nor threads;
/// frames are taken by one thread and answers given by another.
/// </summary>
internal sealed class WorkerDialog(int worker, ParameterShard shard)
{
    private const int MaxRegisterBytes = 4 * 1024 * 1024;

    private readonly GradientDecoder _decoder = new(shard.Policy.Compression);
    private HostBuffer? _staging;

    /// <summary>Takes a frame whose header has come.</summary>
    /// <param name="header">The header.</param>
    /// <param name="payload">Where its content comes from.</param>
    /// <returns>The answer owed for it; null for none.</returns>
    /// <exception cref="TransportException">No frame that a server takes.</exception>
    /// <exception cref="TrainingException">The worker asks for something impossible.</exception>
    public Answer? Take(FrameHeader header, IPayload payload)
    {
        switch (header.Type)
        {
            case MessageType.Heartbeat:
                payload.Receive(header, default);
                return null;
            case MessageType.Register:
                return Register(header, payload);
            case MessageType.Initialize:
                return Initialize(header, payload);
            case MessageType.InitializeDone:
                RequireChief(header);
                return Order(header, payload, shard.CompleteInitialization(header.Generation, header.Step) ? MessageType.Done : MessageType.WentBack);
            case MessageType.Push:
                return Push(header, payload);
            case MessageType.Pull:
                return Question(header, payload, ReadKind.Anew);
            case MessageType.Snapshot:
                return Question(header, payload, ReadKind.AtStep);
            case MessageType.PullFinal:
                return Question(header, payload, ReadKind.AfterAllOthers);
            case MessageType.Join:
                var step = shard.Join(header.Generation, worker, header.Step);
                return Order(header with { Step = step ?? 0 }, payload, step is null ? MessageType.WentBack : MessageType.Done);
            case MessageType.Abandon:
                shard.Abandon(header.Generation);
                return Order(header, payload, MessageType.Done);
            case MessageType.Finish:
                shard.Finish(header.Generation, worker);
                // The chief does not wait for the others: one that comes back with the last checkpoint may find them gone already.
                return Question(header, payload, worker == 0 ? ReadKind.InGeneration : ReadKind.AfterChief);
            case MessageType.Leave:
                return Order(header, payload, MessageType.Done);
            default:
                throw new TransportException($"worker {worker} sent a {header.Type} frame, which a server does not take");
        }
    }

    /// <summary>The worker was told that it may go.</summary>
    public void Leave() => shard.Leave(worker);

    /// <summary>Waits for what an answer waits for.</summary>
    /// <param name="answer">Answer that is owed.</param>
    /// <param name="limit">Longest wait.</param>
    /// <exception cref="TrainingException">Training has failed.</exception>
    public ReadStatus Wait(in Answer answer, TimeSpan limit) =>
        answer.Condition is null ? ReadStatus.Ready : shard.Wait(Condition(answer), limit);

    /// <summary>For whom an answer waits, for the message of a wait that ran out.</summary>
    public string DescribeWait(in Answer answer) => shard.DescribeWait(Condition(answer));

    /// <summary>Makes an answer that is ready.</summary>
    /// <param name="answer">Answer that is owed, after <see cref="Wait"/> said that it is ready.</param>
    /// <param name="header">Header to send.</param>
    /// <param name="content">Content to send, good until the next call.</param>
    /// <returns>False if training went back meanwhile: wait again.</returns>
    public bool TryMake(in Answer answer, out FrameHeader header, out ReadOnlySpan<byte> content)
    {
        header = answer.Header;
        content = default;
        if (answer.Condition is not { } kind)
        {
            return true;
        }

        if (header.Type == MessageType.Finish)
        {
            header = header with { Type = MessageType.Done };
            return true;
        }

        var generation = shard.Generation;
        header = header with
        {
            Type = MessageType.Parameters,
            Generation = generation,
            Step = header.Type == MessageType.Snapshot ? shard.UpdatesOf(header.Slice) : shard.NextStep(worker, header.Slice),
            Worker = shard.IsMember(worker) ? worker : -1,
        };
        if (kind == ReadKind.AfterPush && shard.Policy.IsRepeatable)
        {
            // Nobody can change it before this worker pushes again.
            content = shard.Peek(header.Slice, header.Part);
            shard.Metrics?.Read(worker, header.Slice, shard.UpdatesOf(header.Slice));
            return true;
        }

        // Others may push meanwhile; a slow reader must not hold them up.
        var staging = (_staging ??= shard.AllocateStaging()).Bytes[..shard.BytesOf(header.Slice, header.Part)];
        var updates = shard.Read(header.Slice, header.Part, staging);
        shard.Metrics?.Read(worker, header.Slice, updates);
        content = staging;
        return shard.IsInitialized && shard.Generation == generation;
    }

    /// <summary>The answer to a question whose generation is over.</summary>
    public FrameHeader WentBack(in Answer answer) => answer.Header with { Type = MessageType.WentBack, Generation = shard.Generation };

    private ReadCondition Condition(in Answer answer) =>
        new(answer.Condition!.Value, answer.Header.Generation, worker, answer.Header.Step, answer.Header.Slice);

    private Answer Register(FrameHeader header, IPayload payload)
    {
        if (header.Length > MaxRegisterBytes)
        {
            throw new TransportException($"worker {worker} describes its model in {header.Length} bytes; at most {MaxRegisterBytes} are accepted");
        }

        var json = new byte[header.Length];
        payload.Receive(header, json);
        shard.Register(ParameterLayout.FromJson(json));
        return new Answer(header with { Type = MessageType.Done, Generation = shard.IsInitialized ? shard.Generation : 0 }, null);
    }

    private Answer Initialize(FrameHeader header, IPayload payload)
    {
        RequireChief(header);
        if (shard.TryBeginInitialize(header.Generation, header.Slice, header.Part, header.Step, out var memory))
        {
            payload.Receive(header, memory);
        }
        else
        {
            payload.Skip(header);
        }

        return new Answer(header with { Type = MessageType.Done }, null);
    }

    private Answer Push(FrameHeader header, IPayload payload)
    {
        if (shard.TryBeginPush(header.Generation, worker, header.Step, header.Slice, out var inbox))
        {
            _decoder.Receive(payload, header, MemoryMarshal.Cast<byte, float>(inbox));
            shard.CommitPush(header.Generation, worker, header.Step, header.Slice);
        }
        else
        {
            payload.Skip(header);
        }

        return new Answer(header with { Part = 0 }, ReadKind.AfterPush);
    }

    private Answer Question(FrameHeader header, IPayload payload, ReadKind condition)
    {
        payload.Receive(header, default);
        shard.Metrics?.Paused(worker);
        return new Answer(header, condition);
    }

    private static Answer Order(FrameHeader header, IPayload payload, MessageType answer)
    {
        payload.Receive(header, default);
        return new Answer(header with { Type = answer }, null);
    }

    private void RequireChief(FrameHeader header)
    {
        if (worker != 0)
        {
            throw new TrainingException($"worker {worker} sent a {header.Type} frame; only worker 0 initialises parameters");
        }
    }
}
