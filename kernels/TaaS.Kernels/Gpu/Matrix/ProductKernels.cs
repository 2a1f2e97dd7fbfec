using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>Products of whatever two operands deliver: matrices, or patches of images.</summary>
internal static class ProductKernels
{
    /// <summary>
    /// One tile a group. While the threads add up products from one panel in shared memory, the next is on its way from the device's memory
    /// in registers, and is then staged in the other half: one barrier a panel. The sums stay in registers until the target takes them.
    /// </summary>
    internal static void Product<TTile, TBlock, TLeft, TRight, TTarget>(TLeft left, TRight right, TTarget target, ProductGrid grid)
        where TTile : struct, ITile
        where TBlock : struct, IBlock
        where TLeft : struct, IOperand
        where TRight : struct, IOperand
        where TTarget : struct, ITarget
    {
        var leftPanels = SharedMemory.Allocate<Float4>(2 * Panel<LeftPanel<TTile>>.Quads);
        var rightPanels = SharedMemory.Allocate<Float4>(2 * Panel<RightPanel<TTile>>.Quads);
        var thread = Group.IdxX;
        var place = grid.Place(Grid.IdxX);
        left.Seek<LeftPanel<TTile>>(thread, place.RowTile * TTile.Rows, place.FirstTerm, place.Batch);
        right.Seek<RightPanel<TTile>>(thread, place.ColumnTile * TTile.Columns, place.FirstTerm, place.Batch);
        Quads.Fetch<LeftPanel<TTile>, TLeft>(ref left).Stage<LeftPanel<TTile>, TLeft>(ref left, leftPanels, thread);
        Quads.Fetch<RightPanel<TTile>, TRight>(ref right).Stage<RightPanel<TTile>, TRight>(ref right, rightPanels, thread);
        Group.Barrier();

        var (row, column) = Tile<TTile>.Place(thread);
        TBlock block = default;
        var half = 0;
        for (var term = place.FirstTerm; term < place.EndTerm; term += TTile.Depth)
        {
            var nextLeft = Quads.Fetch<LeftPanel<TTile>, TLeft>(ref left);
            var nextRight = Quads.Fetch<RightPanel<TTile>, TRight>(ref right);
            MultiplyPanels<TTile, TBlock>(
                ref block,
                leftPanels.SubView(half * Panel<LeftPanel<TTile>>.Quads + row),
                rightPanels.SubView(half * Panel<RightPanel<TTile>>.Quads + column));
            half = 1 - half;
            nextLeft.Stage<LeftPanel<TTile>, TLeft>(ref left, leftPanels.SubView(half * Panel<LeftPanel<TTile>>.Quads), thread);
            nextRight.Stage<RightPanel<TTile>, TRight>(ref right, rightPanels.SubView(half * Panel<RightPanel<TTile>>.Quads), thread);
            Group.Barrier();
        }

        target.Seek(place.Result);
        block.Store(
            ref target,
            place.RowTile * TTile.Rows + row * Float4.Count,
            place.ColumnTile * TTile.Columns + column * Float4.Count,
            TTile.Rows / 2,
            TTile.Columns / 2);
    }

    /// <summary>Adds up the parts of a product in their order. A few threads share each quad of the result, every one with its own parts; the first adds up what they found.</summary>
    /// <param name="parts">[parts, batches, rows, quads of a row].</param>
    /// <param name="target">Where the sums go.</param>
    /// <param name="shape">Lengths of those axes.</param>
    internal static void AddParts<TTarget>(ArrayView<Float4> parts, TTarget target, PartsShape shape)
        where TTarget : struct, ITarget
    {
        var shared = SharedMemory.Allocate<Float4>(PartsShape.MostThreads);
        var quadsPerGroup = Group.DimX / PartsShape.Sharers;
        int sharer = Group.IdxX / quadsPerGroup, quad = Grid.IdxX * quadsPerGroup + Group.IdxX % quadsPerGroup;
        Float4 sum = default;
        if (quad < shape.Quads)
        {
            for (var part = sharer; part < shape.Parts; part += PartsShape.Sharers)
            {
                sum = sum.Plus(parts[part * shape.Quads + quad]);
            }
        }

        shared[Group.IdxX] = sum;
        Group.Barrier();
        if (sharer != 0 || quad >= shape.Quads)
        {
            return;
        }

        for (var other = 1; other < PartsShape.Sharers; other++)
        {
            sum = sum.Plus(shared[other * quadsPerGroup + Group.IdxX]);
        }

        var row = quad / shape.RowQuads;
        target.Seek(row / shape.Rows);
        target.SeekColumns(quad % shape.RowQuads * Float4.Count);
        target.Put(row % shape.Rows, sum);
    }

    /// <summary>Adds the products of all terms of a panel; the views begin at the thread's first fragments.</summary>
    private static void MultiplyPanels<TTile, TBlock>(ref TBlock block, ArrayView<Float4> left, ArrayView<Float4> right)
        where TTile : struct, ITile
        where TBlock : struct, IBlock
    {
        int leftPitch = Panel<LeftPanel<TTile>>.Pitch / Float4.Count, rightPitch = Panel<RightPanel<TTile>>.Pitch / Float4.Count;
        int leftApart = TTile.Rows / 2 / Float4.Count, rightApart = TTile.Columns / 2 / Float4.Count;

        // Two terms a round, written out: their reads are under way together, and their fragments leave room for the sums among the registers.
        for (var term = 0; term < TTile.Depth; term += 2)
        {
            var (l, r) = (left.SubView(term * leftPitch), right.SubView(term * rightPitch));
            block.MultiplyAdd(l, r, leftApart, rightApart);
            block.MultiplyAdd(l.SubView(leftPitch), r.SubView(rightPitch), leftApart, rightApart);
        }
    }
}
