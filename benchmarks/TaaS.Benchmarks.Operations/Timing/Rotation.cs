using TaaS.Kernels;
using TaaS.Kernels.Gpu;

namespace TaaS.Benchmarks.Operations.Timing;

/// <summary>
/// Several copies of an operation's operands, used in turn, so that a cache does not hold what the last run left there:
/// a network's kernels find their operands in memory too.
/// </summary>
public static class Rotation
{
    // Some times the largest cache of a GPU.
    private const double ColdBytes = 256 << 20;
    private const int MostCopies = 64;

    /// <summary>How many copies leave a cache cold at a scale. A whole training step and the processor's cases have one: they are timed as they are.</summary>
    public static int Copies(Operation operation, Scale scale) => (operation.Work.Unit, scale) switch
    {
        (WorkUnit.Image, _) or (_, Scale.Processor) => 1,
        (_, Scale.Tiny) => 2,
        _ => (int)Math.Clamp(Math.Ceiling(ColdBytes / operation.Work.Bytes), 1, MostCopies),
    };

    /// <summary>Sets the device to the operation's precision and prepares the copies.</summary>
    public static Prepared[] Prepare(Operation operation, Device device, int copies)
    {
        if (device is GpuDevice)
        {
            device.Precision = operation.Precision;
        }

        return [.. Enumerable.Range(0, copies).Select(_ => operation.Prepare(device))];
    }

    /// <summary>Takes one copy after the other, around and around.</summary>
    public static Action InTurn(IReadOnlyList<Action> copies)
    {
        if (copies.Count == 1)
        {
            return copies[0];
        }

        var next = 0;
        return () =>
        {
            copies[next]();
            next = next + 1 == copies.Count ? 0 : next + 1;
        };
    }
}
