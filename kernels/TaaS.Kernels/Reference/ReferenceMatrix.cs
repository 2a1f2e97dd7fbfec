namespace TaaS.Kernels.Reference;

internal sealed class ReferenceMatrix : IMatrixKernels
{
    public void Multiply(View a, View b, View c, float alpha = 1, float beta = 0)
    {
        int m = c.Shape[-2], n = c.Shape[-1], k = a.Shape[-1];
        var batches = c.Shape.Rank == 3 ? c.Shape[0] : 1;
        for (var batch = 0; batch < batches; batch++)
        {
            for (var row = 0; row < m; row++)
            {
                for (var column = 0; column < n; column++)
                {
                    double sum = 0;
                    for (var i = 0; i < k; i++)
                    {
                        sum += (double)At(a, batch, row, i) * At(b, batch, i, column);
                    }

                    ref var target = ref At(c, batch, row, column);
                    target = (float)(alpha * sum + (beta == 0 ? 0 : (double)beta * target));
                }
            }
        }
    }

    public void Linear(View x, View w, View? bias, View y, FusedActivation activation)
    {
        int m = y.Shape[0], n = y.Shape[1], k = x.Shape[1];
        for (var row = 0; row < m; row++)
        {
            for (var column = 0; column < n; column++)
            {
                double sum = bias is { } shift ? StridedIndex.At(shift, column) : 0;
                for (var i = 0; i < k; i++)
                {
                    sum += (double)At(x, 0, row, i) * At(w, 0, column, i);
                }

                At(y, 0, row, column) = (float)(activation == FusedActivation.Relu ? Math.Max(sum, 0) : sum);
            }
        }
    }

    private static ref float At(in View view, int batch, int row, int column)
    {
        var position = view.Offset + row * view.Strides[view.Shape.Rank - 2] + column * view.Strides[view.Shape.Rank - 1];
        if (view.Shape.Rank == 3)
        {
            position += batch * view.Strides[0];
        }

        return ref ((HostBuffer)view.Buffer).Floats[(int)position];
    }
}
