namespace TaaS.Kernels;

/// <summary>A strided window into a buffer: what a kernel reads or writes.</summary>
/// <param name="Buffer">Memory it looks into.</param>
/// <param name="Shape">Lengths of the axes.</param>
/// <param name="Strides">Steps of the axes in elements.</param>
/// <param name="Offset">First element, counted from the buffer's start.</param>
public readonly record struct View(DeviceBuffer Buffer, Shape Shape, Strides Strides, long Offset)
{
    /// <summary>A contiguous view of a buffer from its start.</summary>
    public View(DeviceBuffer buffer, Shape shape)
        : this(buffer, shape, shape.ContiguousStrides, 0)
    {
    }

    /// <summary>Number of elements seen (a broadcast element counts each time).</summary>
    public long Elements => Shape.Elements;

    /// <summary>True when the elements lie row-major without gaps; axes of length 1 may have any stride, and so may a view of nothing.</summary>
    public bool IsContiguous
    {
        get
        {
            if (Elements == 0)
            {
                return true;
            }

            long step = 1;
            for (var axis = Shape.Rank - 1; axis >= 0; axis--)
            {
                if (Shape[axis] != 1 && Strides[axis] != step)
                {
                    return false;
                }

                step *= Math.Max(Shape[axis], 1);
            }

            return true;
        }
    }

    /// <summary>The floats of a contiguous view in host memory, in place.</summary>
    /// <exception cref="InvalidOperationException">The view has gaps, or is not in host memory.</exception>
    public Span<float> Floats => Host.Floats.Slice((int)Offset, (int)Elements);

    /// <summary>The integers of a contiguous view in host memory, in place.</summary>
    /// <exception cref="InvalidOperationException">The view has gaps, or is not in host memory.</exception>
    public Span<int> Ints => Host.Ints.Slice((int)Offset, (int)Elements);

    /// <summary>Overwrites a contiguous view with values from the host, row-major, on any device.</summary>
    /// <exception cref="ArgumentException">Another number of values, or the view has gaps.</exception>
    public void Upload(ReadOnlySpan<float> values)
    {
        CheckTransfer(values.Length);
        Buffer.Upload(values, Offset);
    }

    /// <summary>Overwrites a contiguous view of integers with values from the host, on any device.</summary>
    /// <inheritdoc cref="Upload(ReadOnlySpan{float})" path="/exception"/>
    public void Upload(ReadOnlySpan<int> values)
    {
        CheckTransfer(values.Length);
        Buffer.Upload(values, Offset);
    }

    /// <summary>Copies a contiguous view to the host, row-major, from any device; waits for the launches before.</summary>
    /// <inheritdoc cref="Upload(ReadOnlySpan{float})" path="/exception"/>
    public void Download(Span<float> values)
    {
        CheckTransfer(values.Length);
        Buffer.Download(values, Offset);
    }

    /// <summary>Copies a contiguous view of integers to the host, from any device; waits for the launches before.</summary>
    /// <inheritdoc cref="Upload(ReadOnlySpan{float})" path="/exception"/>
    public void Download(Span<int> values)
    {
        CheckTransfer(values.Length);
        Buffer.Download(values, Offset);
    }

    internal unsafe float* FloatPointer => ((HostBuffer)Buffer).FloatPointer + Offset;

    internal unsafe int* IntPointer => ((HostBuffer)Buffer).IntPointer + Offset;

    private HostBuffer Host => Buffer is HostBuffer host && IsContiguous
        ? host
        : throw new InvalidOperationException($"view: {Shape} with strides {Strides} on {Buffer.Device} cannot be read in place; copy it to a contiguous host buffer first");

    private void CheckTransfer(int values)
    {
        if (values != Elements || !IsContiguous)
        {
            throw new ArgumentException($"view: {values} host values do not match {Shape} with strides {Strides}; the view must be contiguous and of as many elements");
        }
    }
}
