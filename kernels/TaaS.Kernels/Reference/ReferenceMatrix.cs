namespace TaaS.Kernels.Reference;

internal sealed class ReferenceMatrix : IMatrixKernels
{
    public void Multiply(View a, View b, View c, float alpha = 1, float beta = 0)
    {
        int m = c.Shape[-2], n = c.Shape[-1], k = a.Shape[-1];
        var batches = c.Shape.Rank == 3 ? c.Shape[0] : 1;
        Matrix left = Matrix.Of(a), right = Matrix.Of(b), result = Matrix.Of(c);
        for (var batch = 0; batch < batches; batch++)
        {
            for (var row = 0; row < m; row++)
            {
                for (var column = 0; column < n; column++)
                {
                    ref var target = ref result.At(batch, row, column);
                    target = (float)(alpha * Dot(left, right, batch, row, column, k) + (beta == 0 ? 0 : (double)beta * target));
                }
            }
        }
    }

    public void Linear(View x, View w, View? bias, View y, FusedActivation activation)
    {
        int m = y.Shape[0], n = y.Shape[1], k = x.Shape[1];
        Matrix input = Matrix.Of(x), transposed = Matrix.Of(w).Transposed, result = Matrix.Of(y);
        for (var row = 0; row < m; row++)
        {
            for (var column = 0; column < n; column++)
            {
                var sum = Dot(input, transposed, 0, row, column, k) + (bias is { } shift ? StridedIndex.At(shift, column) : 0);
                result.At(0, row, column) = (float)(activation == FusedActivation.Relu ? Math.Max(sum, 0) : sum);
            }
        }
    }

    private static double Dot(in Matrix a, in Matrix b, int batch, int row, int column, int k)
    {
        double sum = 0;
        for (var i = 0; i < k; i++)
        {
            sum += (double)a.At(batch, row, i) * b.At(batch, i, column);
        }

        return sum;
    }

    private readonly ref struct Matrix(Span<float> values, long batchStep, long rowStep, long columnStep)
    {
        private readonly Span<float> _values = values;

        public Matrix Transposed => new(_values, batchStep, columnStep, rowStep);

        public static Matrix Of(View view)
        {
            var rank = view.Shape.Rank;
            return new Matrix(((HostBuffer)view.Buffer).Floats[(int)view.Offset..], rank == 3 ? view.Strides[0] : 0, view.Strides[rank - 2], view.Strides[rank - 1]);
        }

        public ref float At(int batch, int row, int column) => ref _values[(int)(batch * batchStep + row * rowStep + column * columnStep)];
    }
}
