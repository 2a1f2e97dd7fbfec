using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>The sums that one thread holds in registers: explicit fields, since an array would be put into local memory.</summary>
internal interface IBlock
{
    /// <summary>Adds the products of one term. The views begin at the thread's first fragment of a panel; where it has two, the second lies that many quads further.</summary>
    void MultiplyAdd(ArrayView<Float4> left, ArrayView<Float4> right, int leftApart, int rightApart);

    /// <summary>Hands the sums to the target, four neighbouring columns of a row at a time. The distances are those of the fragments, in rows and columns.</summary>
    void Store<TTarget>(ref TTarget target, int row, int column, int rowsApart, int columnsApart)
        where TTarget : struct, ITarget;
}

/// <summary>Four rows of four columns.</summary>
internal struct Block4X4 : IBlock
{
    private Float4 _row0;
    private Float4 _row1;
    private Float4 _row2;
    private Float4 _row3;

    public void MultiplyAdd(ArrayView<Float4> left, ArrayView<Float4> right, int leftApart, int rightApart) => MultiplyAdd(left[0], right[0]);

    public readonly void Store<TTarget>(ref TTarget target, int row, int column, int rowsApart, int columnsApart)
        where TTarget : struct, ITarget
    {
        target.SeekColumns(column);
        Put(ref target, row);
    }

    internal void MultiplyAdd(Float4 left, Float4 right)
    {
        MultiplyAdd(ref _row0, left.X, right);
        MultiplyAdd(ref _row1, left.Y, right);
        MultiplyAdd(ref _row2, left.Z, right);
        MultiplyAdd(ref _row3, left.W, right);
    }

    internal readonly void Put<TTarget>(ref TTarget target, int row)
        where TTarget : struct, ITarget
    {
        target.Put(row, _row0);
        target.Put(row + 1, _row1);
        target.Put(row + 2, _row2);
        target.Put(row + 3, _row3);
    }

    private static void MultiplyAdd(ref Float4 sums, float left, Float4 right)
    {
        sums.X = left * right.X + sums.X;
        sums.Y = left * right.Y + sums.Y;
        sums.Z = left * right.Z + sums.Z;
        sums.W = left * right.W + sums.W;
    }
}

/// <summary>Eight rows of eight columns, as four parts half a tile from each other: the threads of a warp then read neighbouring quads.</summary>
internal struct Block8X8 : IBlock
{
    private Block4X4 _topLeft;
    private Block4X4 _topRight;
    private Block4X4 _bottomLeft;
    private Block4X4 _bottomRight;

    public void MultiplyAdd(ArrayView<Float4> left, ArrayView<Float4> right, int leftApart, int rightApart)
    {
        Float4 top = left[0], bottom = left[leftApart], first = right[0], second = right[rightApart];
        _topLeft.MultiplyAdd(top, first);
        _topRight.MultiplyAdd(top, second);
        _bottomLeft.MultiplyAdd(bottom, first);
        _bottomRight.MultiplyAdd(bottom, second);
    }

    public readonly void Store<TTarget>(ref TTarget target, int row, int column, int rowsApart, int columnsApart)
        where TTarget : struct, ITarget
    {
        target.SeekColumns(column);
        _topLeft.Put(ref target, row);
        _bottomLeft.Put(ref target, row + rowsApart);
        target.SeekColumns(column + columnsApart);
        _topRight.Put(ref target, row);
        _bottomRight.Put(ref target, row + rowsApart);
    }
}
