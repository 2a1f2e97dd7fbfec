using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>A tile that products can be cut into on a device, with the kernels compiled for it so far.</summary>
internal abstract class ProductTile
{
    internal abstract int Rows { get; }

    internal abstract int Columns { get; }

    internal abstract int Depth { get; }

    internal abstract int Threads { get; }

    /// <summary>How near to the device's peak its groups come where there are enough of them, by the arithmetic they do for each access to shared memory.</summary>
    internal abstract double Efficiency { get; }

    /// <summary>Launches the kernel of these operands and this target; compiles it when first used.</summary>
    internal abstract void Launch<TLeft, TRight, TTarget>(TLeft left, TRight right, TTarget target, in ProductGrid grid)
        where TLeft : struct, IOperand
        where TRight : struct, IOperand
        where TTarget : struct, ITarget;
}

/// <inheritdoc/>
internal sealed class ProductTile<TTile, TBlock>(GpuDevice device, double efficiency) : ProductTile
    where TTile : struct, ITile
    where TBlock : struct, IBlock
{
    private readonly Dictionary<(Type Left, Type Right, Type Target), Delegate> _launches = [];

    internal override int Rows => TTile.Rows;

    internal override int Columns => TTile.Columns;

    internal override int Depth => TTile.Depth;

    internal override int Threads => Tile<TTile>.Threads;

    internal override double Efficiency => efficiency;

    internal override void Launch<TLeft, TRight, TTarget>(TLeft left, TRight right, TTarget target, in ProductGrid grid)
    {
        var key = (typeof(TLeft), typeof(TRight), typeof(TTarget));
        if (!_launches.TryGetValue(key, out var launch))
        {
            _launches[key] = launch = Load<TLeft, TRight, TTarget>();
        }

        ((Action<AcceleratorStream, KernelConfig, TLeft, TRight, TTarget, ProductGrid>)launch)(
            device.Stream, new KernelConfig((int)grid.Groups, Threads), left, right, target, grid);
    }

    private Action<AcceleratorStream, KernelConfig, TLeft, TRight, TTarget, ProductGrid> Load<TLeft, TRight, TTarget>()
        where TLeft : struct, IOperand
        where TRight : struct, IOperand
        where TTarget : struct, ITarget
    {
        // Said to the device's assembler: it then gives each thread as many registers as leave room for that many groups.
        return device.Load<Action<AcceleratorStream, KernelConfig, TLeft, TRight, TTarget, ProductGrid>>(
            ProductKernels.Product<TTile, TBlock, TLeft, TRight, TTarget>, new KernelSpecialization(Threads, TTile.Resident));
    }
}
