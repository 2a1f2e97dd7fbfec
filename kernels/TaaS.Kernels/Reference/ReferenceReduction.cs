namespace TaaS.Kernels.Reference;

internal sealed class ReferenceReduction : IReductionKernels
{
    public void Reduce(ReduceOp op, View x, View y)
    {
        // A reduced axis is a broadcast of y: the same walk over x meets each result as often as it has inputs.
        Span<long> steps = stackalloc long[x.Shape.Rank];
        for (var axis = 0; axis < x.Shape.Rank; axis++)
        {
            steps[axis] = y.Shape[axis] == 1 ? 0 : y.Strides[axis];
        }

        var spread = new View(y.Buffer, x.Shape, new Strides(steps), 0);
        var sums = new double[y.Elements];
        if (op == ReduceOp.Max)
        {
            Array.Fill(sums, double.NegativeInfinity);
        }

        for (long i = 0; i < x.Elements; i++)
        {
            ref var sum = ref sums[StridedIndex.Of(spread, i)];
            double value = StridedIndex.At(x, i);
            sum = op == ReduceOp.Max ? Math.Max(sum, value) : sum + value;
        }

        var divisor = op == ReduceOp.Mean ? (double)x.Elements / Math.Max(y.Elements, 1) : 1;
        for (long i = 0; i < y.Elements; i++)
        {
            StridedIndex.At(y, i) = (float)(sums[i] / divisor);
        }
    }

    public void ArgMax(View x, int axis, View y)
    {
        var results = y.Ints;
        long inner = 1;
        for (var a = axis + 1; a < x.Shape.Rank; a++)
        {
            inner *= x.Shape[a];
        }

        for (long i = 0; i < y.Elements; i++)
        {
            var start = i / inner * inner * x.Shape[axis] + i % inner;
            var best = 0;
            var largest = StridedIndex.At(x, start);
            for (var k = 1; k < x.Shape[axis] && !float.IsNaN(largest); k++)
            {
                var value = StridedIndex.At(x, start + k * inner);
                if (value > largest || float.IsNaN(value))
                {
                    (best, largest) = (k, value);
                }
            }

            results[(int)i] = best;
        }
    }
}
