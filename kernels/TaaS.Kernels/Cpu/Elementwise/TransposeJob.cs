using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TaaS.Kernels.Cpu;

/// <summary>
/// A copy whose two sides run along different axes. In tiles, so that each cache line is fetched once on either side;
/// element by element along the result's rows, every read would be of another line.
/// </summary>
internal unsafe struct TransposeJob : IParallelJob
{
    private const int Tile = 32;

    private readonly MergedAxes _axes;
    private readonly float* _y;
    private readonly float* _x;

    // The axis along which x is dense; y is dense along the innermost one.
    private readonly int _across;
    private readonly long _bands;
    private readonly long _planes;
    private readonly long _itemsPerPart;

    private TransposeJob(in MergedAxes axes, float* y, float* x, int across)
    {
        _axes = axes;
        _y = y;
        _x = x;
        _across = across;
        _bands = (axes.Length(across) + Tile - 1) / Tile;
        _planes = axes.Rows / axes.Length(across);
        var items = _bands * _planes;
        var parts = Math.Clamp(axes.Rows * axes.Inner / MapGrain.Light, 1, CpuPool.Threads * 4L);
        _itemsPerPart = (items + parts - 1) / parts;
    }

    /// <summary>Copies operand 1 to operand 0 if it is a transpose; otherwise false, and nothing is done.</summary>
    public static bool TryRun(in MergedAxes axes, float* y, float* x)
    {
        if (axes.Rank < 2 || axes.InnerStride(0) != 1 || axes.InnerStride(1) <= 1 || axes.Inner < 4)
        {
            return false;
        }

        for (var axis = 0; axis < axes.Rank - 1; axis++)
        {
            if (axes.Stride(1, axis) == 1 && axes.Length(axis) >= 4)
            {
                var job = new TransposeJob(axes, y, x, axis);
                CpuPool.Run((int)((job._bands * job._planes + job._itemsPerPart - 1) / job._itemsPerPart), job);
                return true;
            }
        }

        return false;
    }

    public void Execute(int index)
    {
        var end = Math.Min(_bands * _planes, (index + 1) * _itemsPerPart);
        for (var item = index * _itemsPerPart; item < end; item++)
        {
            var (plane, band) = Math.DivRem(item, _bands);
            var first = band * Tile;
            long y = first * _axes.Stride(0, _across), x = first;
            for (var axis = _axes.Rank - 2; axis >= 0; axis--)
            {
                if (axis != _across)
                {
                    (plane, var position) = Math.DivRem(plane, _axes.Length(axis));
                    y += position * _axes.Stride(0, axis);
                    x += position * _axes.Stride(1, axis);
                }
            }

            Band(_y + y, _x + x, (int)Math.Min(Tile, _axes.Length(_across) - first));
        }
    }

    /// <summary>A band of <paramref name="rows"/> rows of y, tile by tile.</summary>
    private readonly void Band(float* y, float* x, int rows)
    {
        long stepY = _axes.Stride(0, _across), stepX = _axes.InnerStride(1);
        for (long start = 0; start < _axes.Inner; start += Tile)
        {
            var columns = (int)Math.Min(Tile, _axes.Inner - start);
            for (var row = 0; row < rows; row += 4)
            {
                for (var column = 0; column < columns; column += 4)
                {
                    var target = y + row * stepY + start + column;
                    var source = x + (start + column) * stepX + row;
                    if (Sse.IsSupported && row + 4 <= rows && column + 4 <= columns)
                    {
                        Square(target, stepY, source, stepX);
                    }
                    else
                    {
                        Corner(target, stepY, source, stepX, Math.Min(4, rows - row), Math.Min(4, columns - column));
                    }
                }
            }
        }
    }

    private static void Square(float* y, long stepY, float* x, long stepX)
    {
        var a = Vector128.Load(x);
        var b = Vector128.Load(x + stepX);
        var c = Vector128.Load(x + 2 * stepX);
        var d = Vector128.Load(x + 3 * stepX);
        var lowAB = Sse.UnpackLow(a, b);
        var lowCD = Sse.UnpackLow(c, d);
        var highAB = Sse.UnpackHigh(a, b);
        var highCD = Sse.UnpackHigh(c, d);
        Sse.MoveLowToHigh(lowAB, lowCD).Store(y);
        Sse.MoveHighToLow(lowCD, lowAB).Store(y + stepY);
        Sse.MoveLowToHigh(highAB, highCD).Store(y + 2 * stepY);
        Sse.MoveHighToLow(highCD, highAB).Store(y + 3 * stepY);
    }

    private static void Corner(float* y, long stepY, float* x, long stepX, int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                y[row * stepY + column] = x[column * stepX + row];
            }
        }
    }
}
