namespace TaaS.Engine;

public static partial class F
{
    /// <summary>Joins tensors along an axis; all other axes are equal.</summary>
    /// <exception cref="ShapeException">No tensors, or other axes differ.</exception>
    public static Tensor Concat(int axis, params ReadOnlySpan<Tensor> parts)
    {
        if (parts.IsEmpty)
        {
            throw new ShapeException("concat: no tensors given");
        }

        var along = parts[0].Shape.NormalizeAxis(axis);
        var lengths = parts[0].Shape.ToArray();
        lengths[along] = 0;
        foreach (var part in parts)
        {
            for (var a = 0; a < Math.Max(lengths.Length, part.Shape.Rank); a++)
            {
                if (part.Shape.Rank != lengths.Length || (a != along && part.Shape[a] != lengths[a]))
                {
                    throw new ShapeException($"concat: {part.Shape} does not join {parts[0].Shape} along axis {along}; all other axes must be equal");
                }
            }

            lengths[along] += part.Shape[along];
        }

        var device = parts[0].Device;
        var whole = Tensor.Empty(new Kernels.Shape(lengths), device).View;
        var starts = new int[parts.Length];
        var sizes = new int[parts.Length];
        var at = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            (starts[i], sizes[i]) = (at, parts[i].Shape[along]);
            var (source, window) = (parts[i].View, whole with { Shape = parts[i].Shape, Offset = at * whole.Strides[along] });
            Launcher.Run(() => device.Elementwise.Copy(source, window));
            at += sizes[i];
        }

        return Tensor.Result(whole, dy =>
        {
            var gradients = new Tensor?[starts.Length];
            for (var i = 0; i < starts.Length; i++)
            {
                gradients[i] = dy.Slice(along, starts[i], sizes[i]).Contiguous();
            }

            return gradients;
        }, parts);
    }
}
