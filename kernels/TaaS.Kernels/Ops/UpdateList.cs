namespace TaaS.Kernels;

/// <summary>A parameter to update. <b>Shapes</b>: all share one, contiguous.</summary>
/// <param name="Parameter">What changes.</param>
/// <param name="Gradient">Its gradient.</param>
/// <param name="First">The rule's first or only slot: velocity, first moment, mean or sum of squares; null where it keeps none.</param>
/// <param name="Second">Adam's second moment.</param>
public readonly record struct ParameterUpdate(View Parameter, View Gradient, View? First = null, View? Second = null);

/// <summary>The parameters of a model on one device, to be updated together; it never changes, so a device may prepare it once and know it again.</summary>
public sealed class UpdateList
{
    private readonly ParameterUpdate[] _items;

    /// <summary>Takes the updates, at least one.</summary>
    /// <exception cref="ArgumentException">No updates, several devices, or a gradient or slot of another size than its parameter.</exception>
    public UpdateList(params ReadOnlySpan<ParameterUpdate> items)
    {
        if (items.IsEmpty)
        {
            throw new ArgumentException("updates: the list is empty, so it belongs to no device");
        }

        _items = items.ToArray();
        Device = items[0].Parameter.Buffer.Device;
        foreach (ref readonly var item in items)
        {
            Check("parameter", item.Parameter, item);
            Check("gradient", item.Gradient, item);
            Check("first slot", item.First ?? item.Parameter, item);
            Check("second slot", item.Second ?? item.Parameter, item);
        }
    }

    /// <summary>Where all of them lie.</summary>
    public Device Device { get; }

    /// <summary>The updates, in order.</summary>
    public ReadOnlySpan<ParameterUpdate> Items => _items;

    private void Check(string what, in View view, in ParameterUpdate item)
    {
        if (view.Buffer.Device != Device)
        {
            throw new ArgumentException($"updates: a {what} lies on {view.Buffer.Device}, the first parameter on {Device}; a list is for one device");
        }

        if (view.Elements != item.Parameter.Elements || !view.IsContiguous)
        {
            throw new ArgumentException($"updates: the {what} {view.Shape} with strides {view.Strides} does not fit the parameter {item.Parameter.Shape}; all must be contiguous and of one size");
        }
    }
}
