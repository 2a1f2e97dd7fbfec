using System.Runtime.CompilerServices;

namespace TaaS.Kernels;

/// <summary>Lengths of a tensor's axes, outermost first; a value of up to <see cref="MaxRank"/> axes that allocates nothing.</summary>
/// <remarks>A scalar has rank 0 and one element. An axis may be empty (length 0).</remarks>
public readonly struct Shape : IEquatable<Shape>
{
    /// <summary>Most axes a tensor can have.</summary>
    public const int MaxRank = 8;

    private readonly Axes _lengths;

    /// <summary>Makes a shape of the given axis lengths.</summary>
    /// <exception cref="ArgumentException">More than <see cref="MaxRank"/> axes, or a negative length.</exception>
    public Shape(params ReadOnlySpan<int> lengths)
    {
        if (lengths.Length > MaxRank)
        {
            throw new ArgumentException($"shape: {lengths.Length} axes given, at most {MaxRank} are supported");
        }

        Rank = lengths.Length;
        Elements = 1;
        for (var axis = 0; axis < lengths.Length; axis++)
        {
            if (lengths[axis] < 0)
            {
                throw new ArgumentException($"shape: axis {axis} has negative length {lengths[axis]}");
            }

            _lengths[axis] = lengths[axis];
            Elements *= lengths[axis];
        }
    }

    /// <summary>The shape of a single number.</summary>
    public static Shape Scalar => new([]);

    /// <summary>Number of axes.</summary>
    public int Rank { get; }

    /// <summary>Number of elements: the product of all lengths. <c>default(Shape)</c> has none.</summary>
    public long Elements { get; }

    /// <summary>Length of an axis; a negative axis counts from the last (-1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public int this[int axis] => _lengths[NormalizeAxis(axis)];

    /// <summary>Row-major strides of a contiguous tensor of this shape, in elements.</summary>
    public Strides ContiguousStrides
    {
        get
        {
            Span<long> strides = stackalloc long[Rank];
            long step = 1;
            for (var axis = Rank - 1; axis >= 0; axis--)
            {
                strides[axis] = step;
                step *= Math.Max(_lengths[axis], 1);
            }

            return new Strides(strides);
        }
    }

    /// <summary>Turns an axis that may count from the end into one from 0 to Rank-1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such axis.</exception>
    public int NormalizeAxis(int axis)
    {
        var normalized = axis < 0 ? axis + Rank : axis;
        return normalized >= 0 && normalized < Rank
            ? normalized
            : throw new ArgumentOutOfRangeException(nameof(axis), $"axis {axis} does not exist in {this}; give {-Rank} to {Rank - 1}");
    }

    /// <summary>The lengths as an array, outermost first.</summary>
    public int[] ToArray() => ((ReadOnlySpan<int>)_lengths)[..Rank].ToArray();

    /// <inheritdoc/>
    public bool Equals(Shape other) =>
        Rank == other.Rank && ((ReadOnlySpan<int>)_lengths)[..Rank].SequenceEqual(((ReadOnlySpan<int>)other._lengths)[..Rank]);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        for (var axis = 0; axis < Rank; axis++)
        {
            hash.Add(_lengths[axis]);
        }

        return hash.ToHashCode();
    }

    /// <summary>Same rank and lengths.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Another rank or another length.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>The lengths as <c>[8,3,32,32]</c>.</summary>
    public override string ToString() => $"[{string.Join(',', ToArray())}]";

    [InlineArray(MaxRank)]
    private struct Axes
    {
        private int _first;
    }
}
