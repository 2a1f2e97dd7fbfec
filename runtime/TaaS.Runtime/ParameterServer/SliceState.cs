using TaaS.Kernels;

namespace TaaS.Runtime.ParameterServer;

/// <summary>One slice on its server: values, optimizer slots, and who has pushed which step.</summary>
internal sealed class SliceState
{
    public SliceState(ParameterSlice slice, Device device, int slots, int workers)
    {
        Slice = slice;
        Parts = new HostBuffer[1 + slots];
        for (var part = 0; part < Parts.Length; part++)
        {
            Parts[part] = Allocate(device, slice.Length);
        }

        IsGiven = new bool[Parts.Length];
        LastPush = new long[workers];
        Array.Fill(LastPush, -1);
        SlotViews = new View[slots];
        for (var slot = 0; slot < slots; slot++)
        {
            SlotViews[slot] = new View(Parts[1 + slot], new Shape(slice.Length));
        }

        Value = new View(Parts[0], new Shape(slice.Length));
    }

    /// <summary>Guards the content of <see cref="Parts"/> and the counters.</summary>
    public Lock Guard { get; } = new();

    public ParameterSlice Slice { get; }

    /// <summary>Values, then one buffer for each optimizer slot.</summary>
    public HostBuffer[] Parts { get; }

    /// <summary>Which parts have come since initialisation began.</summary>
    public bool[] IsGiven { get; }

    public View Value { get; }

    public View[] SlotViews { get; }

    /// <summary>Last step each worker pushed; -1 before the first.</summary>
    public long[] LastPush { get; }

    /// <summary>Updates applied since training began.</summary>
    public long Updates { get; set; }

    /// <summary>In sync: the step that is being gathered.</summary>
    public long Step { get; set; }

    /// <summary>Training begins, or begins again, at a step.</summary>
    public void Restart(long step)
    {
        Step = step;
        Array.Fill(LastPush, step - 1);
    }

    public static HostBuffer Allocate(Device device, int elements) =>
        device.Allocate(DType.Float32, elements, zeroed: true) as HostBuffer
        ?? throw new TrainingException($"parameters must lie in host memory to be sent, but the device is {device}; run servers on the device cpu");
}
