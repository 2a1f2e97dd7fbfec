using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using TaaS.Engine;
using TaaS.Engine.Formats;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Runtime;

/// <summary>
/// A checkpoint file: safetensors with the model's parameters and buffers under their own names, optimizer slots as
/// <c>optimizer.SLOT.PARAMETER</c>, and step, epoch and seed in the metadata: random numbers follow from seed, worker and step. Names are logical, so any number of servers can load it.
/// </summary>
internal sealed class Checkpoint
{
    private const string SlotPrefix = "optimizer.";
    private const string ChecksumKey = "xxh3";

    /// <summary>Everything by name, in host memory when read from a file.</summary>
    public required IReadOnlyDictionary<string, Tensor> Tensors { get; init; }

    /// <summary>Step at which training goes on.</summary>
    public required long Step { get; init; }

    /// <summary>Updates applied so far.</summary>
    public required long Updates { get; init; }

    /// <summary>Epochs completed.</summary>
    public required int Epoch { get; init; }

    /// <summary>Seed of the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Gathers a checkpoint.</summary>
    public static Checkpoint Of(ParameterState state, IReadOnlyList<string> slots, IEnumerable<(string Name, Tensor Value)> buffers, int epoch, ulong seed)
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (var parameter = 0; parameter < state.Parameters.Count; parameter++)
        {
            var (info, parts) = (state.Parameters[parameter], state.Parts[parameter]);
            for (var part = 0; part < parts.Length; part++)
            {
                var name = part == 0 ? info.Name : $"{SlotPrefix}{slots[part - 1]}.{info.Name}";
                tensors.Add(name, Tensor.From(parts[part].Floats, new Shape([.. info.Shape]), parts[part].Device));
            }
        }

        foreach (var (name, value) in buffers)
        {
            tensors.Add(name, value);
        }

        return new Checkpoint { Tensors = tensors, Step = state.Step, Updates = state.Updates, Epoch = epoch, Seed = seed };
    }

    /// <summary>Writes the file in one go: the old one stays whole until the new one is.</summary>
    /// <exception cref="TrainingException">The disk is full or the folder cannot be written.</exception>
    public void Save(string path)
    {
        try
        {
            SafeTensors.Save(path, Tensors, new Dictionary<string, string>
            {
                ["format"] = "taas",
                ["step"] = Step.ToString(CultureInfo.InvariantCulture),
                ["updates"] = Updates.ToString(CultureInfo.InvariantCulture),
                ["epoch"] = Epoch.ToString(CultureInfo.InvariantCulture),
                ["seed"] = Seed.ToString(CultureInfo.InvariantCulture),
                [ChecksumKey] = Checksum(Tensors),
            });
        }
        catch (SafeTensorsException error)
        {
            throw new TrainingException($"cannot save the checkpoint: {error.Message}", error);
        }
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="TaaSException">Missing, damaged, or not one of ours.</exception>
    public static Checkpoint Load(string path)
    {
        if (!File.Exists(path))
        {
            throw Missing(path);
        }

        var file = SafeTensors.Load(path, CpuDevice.Instance);
        if (file.Metadata.TryGetValue(ChecksumKey, out var checksum) && checksum != Checksum(file.Tensors))
        {
            throw new CheckpointException($"the checkpoint {path} is damaged: its content does not fit its checksum {checksum}; take another, or an older copy");
        }

        return new Checkpoint
        {
            Tensors = file.Tensors,
            Step = Number<long>(file, path, "step"),
            Updates = Number<long>(file, path, "updates"),
            Epoch = Number<int>(file, path, "epoch"),
            Seed = Number<ulong>(file, path, "seed"),
        };
    }

    /// <summary>The error for a file that is not there.</summary>
    public static CheckpointException Missing(string path) =>
        new($"the checkpoint {path} does not exist; give the path of a checkpoint.safetensors in a run folder");

    /// <summary>Parameters and slots for a model with these parameters.</summary>
    /// <exception cref="CheckpointException">A name is missing or has another shape.</exception>
    public ParameterState ToState(IReadOnlyList<ParameterInfo> parameters, IReadOnlyList<string> slots)
    {
        var state = ParameterState.Allocate(parameters, slots.Count);
        for (var parameter = 0; parameter < parameters.Count; parameter++)
        {
            for (var part = 0; part <= slots.Count; part++)
            {
                var name = part == 0 ? parameters[parameter].Name : $"{SlotPrefix}{slots[part - 1]}.{parameters[parameter].Name}";
                if (!Tensors.TryGetValue(name, out var tensor) || tensor.Shape != new Shape([.. parameters[parameter].Shape]))
                {
                    throw new CheckpointException($"the checkpoint has no '{name}' of shape [{string.Join(',', parameters[parameter].Shape)}]; it belongs to another model or another optimizer");
                }

                tensor.View.Floats.CopyTo(state.Parts[parameter][part].Floats);
            }
        }

        return state with { Step = Step, Updates = Updates };
    }

    // XxHash3 over the tensors' bytes in the order of their names.
    private static string Checksum(IReadOnlyDictionary<string, Tensor> tensors)
    {
        var hash = new XxHash3();
        foreach (var name in tensors.Keys.Order(StringComparer.Ordinal))
        {
            var view = tensors[name].To(CpuDevice.Instance).Contiguous().View;
            hash.Append(tensors[name].DType == DType.Float32 ? MemoryMarshal.AsBytes(view.Floats) : MemoryMarshal.AsBytes(view.Ints));
        }

        return hash.GetCurrentHashAsUInt64().ToString("x16", CultureInfo.InvariantCulture);
    }

    private static T Number<T>(SafeTensors file, string path, string key)
        where T : IParsable<T> =>
        file.Metadata.TryGetValue(key, out var text) && T.TryParse(text, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new CheckpointException($"the checkpoint {path} does not say its {key}; it was not written by a training run");
}
