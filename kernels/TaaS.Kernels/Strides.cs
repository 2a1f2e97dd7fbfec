using System.Runtime.CompilerServices;

namespace TaaS.Kernels;

/// <summary>Distance in elements between neighbours along each axis; 0 repeats one element (broadcast).</summary>
public readonly struct Strides : IEquatable<Strides>
{
    private readonly Axes _steps;

    /// <summary>Makes strides of the given steps, outermost axis first.</summary>
    /// <exception cref="ArgumentException">More than <see cref="Shape.MaxRank"/> axes.</exception>
    public Strides(params ReadOnlySpan<long> steps)
    {
        if (steps.Length > Shape.MaxRank)
        {
            throw new ArgumentException($"strides: {steps.Length} axes given, at most {Shape.MaxRank} are supported");
        }

        Rank = steps.Length;
        steps.CopyTo(_steps);
    }

    /// <summary>Number of axes.</summary>
    public int Rank { get; }

    /// <summary>Step along an axis, in elements.</summary>
    public long this[int axis] => _steps[axis];

    /// <inheritdoc/>
    public bool Equals(Strides other) =>
        Rank == other.Rank && ((ReadOnlySpan<long>)_steps)[..Rank].SequenceEqual(((ReadOnlySpan<long>)other._steps)[..Rank]);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Strides other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rank, _steps[0], _steps[1], _steps[2]);

    /// <summary>Same rank and steps.</summary>
    public static bool operator ==(Strides left, Strides right) => left.Equals(right);

    /// <summary>Another rank or another step.</summary>
    public static bool operator !=(Strides left, Strides right) => !left.Equals(right);

    /// <summary>The steps as <c>(12,4,1)</c>.</summary>
    public override string ToString() => $"({string.Join(',', ((ReadOnlySpan<long>)_steps)[..Rank].ToArray())})";

    [InlineArray(Shape.MaxRank)]
    private struct Axes
    {
        private long _first;
    }
}
