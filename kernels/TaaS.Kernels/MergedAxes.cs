namespace TaaS.Kernels;

/// <summary>
/// The axes that several operands of one shape are walked along, as few as their strides allow: axes of length 1 are dropped,
/// and neighbours that all operands step through evenly become one. A contiguous tensor of any rank becomes one row.
/// </summary>
internal unsafe struct MergedAxes
{
    private const int MaxRank = Shape.MaxRank;
    private const int MaxOperands = 3;

    private fixed long _lengths[MaxRank];
    private fixed long _strides[MaxRank * MaxOperands];
    private int _operands;

    /// <summary>Starts from a shape; operands are added next, in the caller's order.</summary>
    public MergedAxes(in Shape shape)
    {
        Rank = shape.Rank;
        for (var axis = 0; axis < Rank; axis++)
        {
            _lengths[axis] = shape[axis];
        }
    }

    /// <summary>Number of axes, at least 1 after <see cref="Merge"/>.</summary>
    public int Rank { get; private set; }

    /// <summary>Length of the innermost axis.</summary>
    public readonly long Inner => _lengths[Rank - 1];

    /// <summary>Product of all lengths but the innermost.</summary>
    public readonly long Rows
    {
        get
        {
            long rows = 1;
            for (var axis = 0; axis < Rank - 1; axis++)
            {
                rows *= _lengths[axis];
            }

            return rows;
        }
    }

    public readonly long Length(int axis) => _lengths[axis];

    public readonly long Stride(int operand, int axis) => _strides[operand * MaxRank + axis];

    /// <summary>Step of an operand along the innermost axis.</summary>
    public readonly long InnerStride(int operand) => Stride(operand, Rank - 1);

    public void Add(in Strides strides)
    {
        for (var axis = 0; axis < Rank; axis++)
        {
            _strides[_operands * MaxRank + axis] = strides[axis];
        }

        _operands++;
    }

    /// <summary>Adds one number that every element sees.</summary>
    public void AddScalar() => _operands++;

    /// <summary>Orders the axes by an operand's strides, largest outermost, and merges what can be.</summary>
    public void Merge(int orderedBy)
    {
        DropSingles();
        Sort(orderedBy);
        var last = 0;
        for (var axis = 1; axis < Rank; axis++)
        {
            if (!TryFold(last, axis))
            {
                Move(axis, ++last);
            }
        }

        Rank = Math.Min(Rank, last + 1);
        EnsureAxis();
    }

    /// <summary>How far an operand's row lies from its first element.</summary>
    public readonly long RowOffset(int operand, long row)
    {
        long offset = 0;
        for (var axis = Rank - 2; axis > 0; axis--)
        {
            (row, var position) = Math.DivRem(row, _lengths[axis]);
            offset += position * Stride(operand, axis);
        }

        return Rank > 1 ? offset + row * Stride(operand, 0) : 0;
    }

    /// <summary>How far the element counted row-major over all axes lies from an operand's first.</summary>
    public readonly long Offset(int operand, long element)
    {
        long offset = 0;
        for (var axis = Rank - 1; axis > 0; axis--)
        {
            (element, var position) = Math.DivRem(element, _lengths[axis]);
            offset += position * Stride(operand, axis);
        }

        return Rank > 0 ? offset + element * Stride(operand, 0) : 0;
    }

    /// <summary>The axes along which an operand moves, and those along which it stands still; where there are none, one of length 1.</summary>
    public readonly void Split(int operand, out MergedAxes moving, out MergedAxes still)
    {
        moving = this;
        still = this;
        moving.Rank = 0;
        still.Rank = 0;
        for (var axis = 0; axis < Rank; axis++)
        {
            if (Stride(operand, axis) == 0)
            {
                still.Move(in this, axis);
            }
            else
            {
                moving.Move(in this, axis);
            }
        }

        moving.EnsureAxis();
        still.EnsureAxis();
    }

    /// <summary>All axes but two; where those are all, one of length 1.</summary>
    public readonly void Without(int first, int second, out MergedAxes others)
    {
        others = this;
        others.Rank = 0;
        for (var axis = 0; axis < Rank; axis++)
        {
            if (axis != first && axis != second)
            {
                others.Move(in this, axis);
            }
        }

        others.EnsureAxis();
    }

    private void Move(in MergedAxes source, int axis)
    {
        _lengths[Rank] = source._lengths[axis];
        for (var operand = 0; operand < _operands; operand++)
        {
            _strides[operand * MaxRank + Rank] = source.Stride(operand, axis);
        }

        Rank++;
    }

    private void EnsureAxis()
    {
        if (Rank == 0)
        {
            Rank = 1;
            _lengths[0] = 1;
            for (var operand = 0; operand < _operands; operand++)
            {
                _strides[operand * MaxRank] = 1;
            }
        }
    }

    private void DropSingles()
    {
        var kept = 0;
        for (var axis = 0; axis < Rank; axis++)
        {
            if (_lengths[axis] != 1)
            {
                Move(axis, kept++);
            }
        }

        Rank = kept;
    }

    private void Sort(int orderedBy)
    {
        for (var axis = 1; axis < Rank; axis++)
        {
            for (var i = axis; i > 0 && Math.Abs(Stride(orderedBy, i)) > Math.Abs(Stride(orderedBy, i - 1)); i--)
            {
                Swap(i, i - 1);
            }
        }
    }

    private bool TryFold(int outer, int inner)
    {
        for (var operand = 0; operand < _operands; operand++)
        {
            if (Stride(operand, outer) != Stride(operand, inner) * _lengths[inner])
            {
                return false;
            }
        }

        var length = _lengths[outer] * _lengths[inner];
        Move(inner, outer);
        _lengths[outer] = length;
        return true;
    }

    private void Move(int from, int to)
    {
        _lengths[to] = _lengths[from];
        for (var operand = 0; operand < _operands; operand++)
        {
            _strides[operand * MaxRank + to] = _strides[operand * MaxRank + from];
        }
    }

    private void Swap(int left, int right)
    {
        (_lengths[left], _lengths[right]) = (_lengths[right], _lengths[left]);
        for (var operand = 0; operand < _operands; operand++)
        {
            var steps = operand * MaxRank;
            (_strides[steps + left], _strides[steps + right]) = (_strides[steps + right], _strides[steps + left]);
        }
    }
}
