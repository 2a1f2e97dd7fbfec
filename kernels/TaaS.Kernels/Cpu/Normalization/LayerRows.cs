using System.Numerics;
using System.Runtime.CompilerServices;

namespace TaaS.Kernels.Cpu;

/// <summary>Forward pass of one row.</summary>
internal readonly unsafe struct LayerForwardRow(float* x, float* gamma, float* beta, float* y, float* savedMean, float* savedInverseStd, float epsilon) : IRowOperator
{
    public void Apply(long row, int length)
    {
        var input = x + row * length;
        var center = length > 0 ? *input : 0;
        var mean = Moments.Mean(SimdSum.OfDifferences(input, center, length), center, length);
        var variance = Moments.Variance(SimdSum.OfSquares(input, (float)mean, length), mean, length);
        var inverse = 1 / Math.Sqrt(variance + epsilon);
        savedMean[row] = (float)mean;
        savedInverseStd[row] = (float)inverse;
        Affine.Run(input, y + row * length, length, (float)mean, (float)inverse, gamma, beta);
    }
}

/// <summary>dx of one row.</summary>
internal readonly unsafe struct LayerBackwardRow(float* x, float* gamma, float* savedMean, float* savedInverseStd, float* dy, float* dx) : IRowOperator
{
    public void Apply(long row, int length)
    {
        float* input = x + row * length, gradient = dy + row * length, target = dx + row * length;
        float mean = savedMean[row], inverse = savedInverseStd[row];

        // dy·gamma is wanted three times, and dx has room for it.
        var i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (Vector.Load(gradient + i) * Vector.Load(gamma + i)).Store(target + i);
        }

        for (; i < length; i++)
        {
            target[i] = gradient[i] * gamma[i];
        }

        var sum = SimdSum.Of(target, length);
        var dot = SimdSum.OfCenteredProducts(target, input, mean, length) * inverse;
        Affine.Run(target, input, target, length, inverse, mean, (float)(-(double)inverse * inverse * dot / length), (float)(-inverse * sum / length));
    }
}

/// <summary>dgamma and dbeta of a tile of columns: rows are added in single precision by blocks, blocks in double.</summary>
internal readonly unsafe struct LayerParameterColumns(float* x, float* savedMean, float* savedInverseStd, float* dy, float* dgamma, float* dbeta, int rows, int columns) : IRowOperator
{
    /// <summary>Columns of a tile.</summary>
    internal const int Tile = 128;

    private const int BlockRows = 32;

    /// <summary>Number of tiles.</summary>
    internal int Tiles => (columns + Tile - 1) / Tile;

    [SkipLocalsInit]
    public void Apply(long row, int length)
    {
        float* gammas = stackalloc float[Tile], betas = stackalloc float[Tile];
        double* gammaTotals = stackalloc double[Tile], betaTotals = stackalloc double[Tile];
        int first = (int)row * Tile, width = Math.Min(Tile, columns - first);
        new Span<double>(gammaTotals, Tile).Clear();
        new Span<double>(betaTotals, Tile).Clear();
        for (var from = 0; from < rows; from += BlockRows)
        {
            new Span<float>(gammas, Tile).Clear();
            new Span<float>(betas, Tile).Clear();
            for (var at = from; at < Math.Min(from + BlockRows, rows); at++)
            {
                AddRow(x + (nint)at * columns + first, dy + (nint)at * columns + first, savedMean[at], savedInverseStd[at], gammas, betas, width);
            }

            for (var i = 0; i < width; i++)
            {
                gammaTotals[i] += gammas[i];
                betaTotals[i] += betas[i];
            }
        }

        for (var i = 0; i < width; i++)
        {
            dgamma[first + i] = (float)gammaTotals[i];
            dbeta[first + i] = (float)betaTotals[i];
        }
    }

    private static void AddRow(float* x, float* dy, float mean, float inverse, float* gammas, float* betas, int width)
    {
        Vector<float> middle = new(mean), factor = new(inverse);
        var i = 0;
        for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
        {
            var gradient = Vector.Load(dy + i);
            Vector.FusedMultiplyAdd(gradient, (Vector.Load(x + i) - middle) * factor, Vector.Load(gammas + i)).Store(gammas + i);
            (Vector.Load(betas + i) + gradient).Store(betas + i);
        }

        for (; i < width; i++)
        {
            gammas[i] += dy[i] * ((x[i] - mean) * inverse);
            betas[i] += dy[i];
        }
    }
}
