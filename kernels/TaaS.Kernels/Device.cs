namespace TaaS.Kernels;

/// <summary>A place that owns memory and computes: a kernel set for each op family, and one order of launches.</summary>
/// <remarks>
/// Kernels trust their arguments: shapes are checked once, by the caller (the engine's shape rules).
/// Outputs are always contiguous unless a kernel says otherwise, and never overlap inputs unless it says so.
/// </remarks>
public abstract class Device
{
    /// <summary>Name as users write it: <c>cpu</c>, <c>reference</c>, <c>cuda:0</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Element-wise arithmetic, activations and strided copies.</summary>
    public abstract IElementwiseKernels Elementwise { get; }

    /// <summary>Sums, means, extrema over axes.</summary>
    public abstract IReductionKernels Reduction { get; }

    /// <summary>Matrix products.</summary>
    public abstract IMatrixKernels Matrix { get; }

    /// <summary>2-D convolution in three directions.</summary>
    public abstract IConvolutionKernels Convolution { get; }

    /// <summary>2-D pooling both ways.</summary>
    public abstract IPoolingKernels Pooling { get; }

    /// <summary>Softmax and the cross-entropy built on it.</summary>
    public abstract ISoftmaxKernels Softmax { get; }

    /// <summary>Batch and layer normalisation.</summary>
    public abstract INormalizationKernels Normalization { get; }

    /// <summary>Random numbers and dropout.</summary>
    public abstract IRandomKernels Random { get; }

    /// <summary>Parameter updates of the optimizers.</summary>
    public abstract IOptimizerKernels Optimizer { get; }

    /// <summary>How matrix products round their operands. A device that has no faster units for rounded ones may keep them whole. It holds for launches from then on.</summary>
    /// <exception cref="DeviceException">The device computes in f32 only.</exception>
    public virtual MatrixPrecision Precision
    {
        get => MatrixPrecision.Float32;
        set
        {
            if (value != MatrixPrecision.Float32)
            {
                throw new DeviceException($"{Name} computes in f32 only, {value} was asked for; use a GPU");
            }
        }
    }

    /// <summary>Waits until every launch has finished.</summary>
    /// <exception cref="DeviceException">A launch failed.</exception>
    public virtual void Synchronize()
    {
    }

    /// <summary>Makes one launch of many, on devices that can: the kernels are looked at once and their order is frozen, with the buffers and numbers they have now.</summary>
    /// <param name="launches">What to freeze; every kernel has run before, and whatever it needs beside its arguments exists.</param>
    /// <returns>What replays them, or null where launches are cheap or cannot be frozen.</returns>
    public virtual Action? Freeze(ReadOnlyMemory<Action> launches) => null;

    /// <summary>Reserves memory.</summary>
    /// <param name="dtype">Element type.</param>
    /// <param name="length">Number of elements.</param>
    /// <param name="zeroed">Fill with zeros; otherwise the content is arbitrary.</param>
    /// <exception cref="DeviceException">The device has not that much memory.</exception>
    public abstract DeviceBuffer Allocate(DType dtype, long length, bool zeroed = false);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
