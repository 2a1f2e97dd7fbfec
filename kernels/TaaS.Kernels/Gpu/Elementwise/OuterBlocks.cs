namespace TaaS.Kernels.Gpu;

/// <summary>The axes beyond those a kernel walks itself: one launch for each of their positions. Nearly always there is just one.</summary>
internal struct OuterBlocks(MergedAxes axes)
{
    private readonly int _outer = Math.Max(axes.Rank - MapLayout.MaxRank, 0);
    private long _block = -1;

    /// <summary>The block itself, while it is walked.</summary>
    public readonly OuterBlocks Current => this;

    /// <summary>Elements of a block.</summary>
    public readonly int Elements
    {
        get
        {
            long elements = 1;
            for (var axis = _outer; axis < axes.Rank; axis++)
            {
                elements *= axes.Length(axis);
            }

            return (int)elements;
        }
    }

    /// <summary>Where this block of an operand begins.</summary>
    public readonly long Offset(int operand)
    {
        long offset = 0, rest = _block;
        for (var axis = _outer - 1; axis >= 0; axis--)
        {
            (rest, var position) = Math.DivRem(rest, axes.Length(axis));
            offset += position * axes.Stride(operand, axis);
        }

        return offset;
    }

    public readonly OuterBlocks GetEnumerator() => this;

    public bool MoveNext()
    {
        long blocks = 1;
        for (var axis = 0; axis < _outer; axis++)
        {
            blocks *= axes.Length(axis);
        }

        return ++_block < blocks;
    }
}
