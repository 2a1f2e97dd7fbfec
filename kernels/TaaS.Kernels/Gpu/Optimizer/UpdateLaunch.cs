using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>One rule's kernels, compiled for a device when first used.</summary>
internal sealed class UpdateLaunch<TRule>(GpuDevice device)
    where TRule : unmanaged, IUpdateRule
{
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, TRule, int, int>? _one;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<UpdateChunk>, TRule>? _many;

    /// <summary>Updates one parameter; slots the rule does not keep may be null.</summary>
    internal void Run(in TRule rule, in View parameter, in View gradient, in View? first = null, in View? second = null)
    {
        var length = (int)parameter.Elements;
        if (length == 0)
        {
            return;
        }

        device.Load(ref _one, UpdateKernels.One<TRule>);
        View one = first ?? parameter, two = second ?? parameter;
        var aligned = (parameter.Offset | gradient.Offset | one.Offset | two.Offset) % Float4.Count == 0;
        _one(
            device.Stream,
            device.Cover(aligned ? ((long)length + Float4.Count - 1) / Float4.Count : length),
            From(parameter),
            From(gradient),
            From(one),
            From(two),
            rule,
            length,
            aligned ? length / Float4.Count : 0);
        GC.KeepAlive(parameter.Buffer);
        GC.KeepAlive(gradient.Buffer);
        GC.KeepAlive(one.Buffer);
        GC.KeepAlive(two.Buffer);
    }

    /// <summary>Updates all parameters of a table.</summary>
    internal void Run(in TRule rule, UpdateTable table)
    {
        if (table.Slots < TRule.Slots)
        {
            throw new InvalidOperationException($"updates: the rule keeps {TRule.Slots} slots, a parameter has {table.Slots}");
        }

        device.Load(ref _many, UpdateKernels.Many<TRule>);
        _many(device.Stream, new KernelConfig(table.Count, device.GroupSize), table.Reach, table.Chunks, rule);
        GC.KeepAlive(table);
    }

    private static ArrayView<float> From(in View view) => ((GpuBuffer)view.Buffer).Floats.SubView(view.Offset);
}
