namespace TaaS.Kernels.Reference;

/// <summary>Where the i-th element of a view, counted row-major, lies in its buffer.</summary>
internal static class StridedIndex
{
    public static long Of(in View view, long element)
    {
        var position = view.Offset;
        for (var axis = view.Shape.Rank - 1; axis >= 0; axis--)
        {
            var length = view.Shape[axis];
            position += element % length * view.Strides[axis];
            element /= length;
        }

        return position;
    }

    public static ref float At(in View view, long element) => ref ((HostBuffer)view.Buffer).Floats[(int)Of(view, element)];
}
