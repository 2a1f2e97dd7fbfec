using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// Images as the result of a product: rows are the channels of a group, columns the pixels of all images, which may lie some rows and columns apart.
/// image = act(sum + bias). A kernel argument: plain fields only.
/// </summary>
internal struct ImageTarget : ITarget
{
    internal ArrayView<float> Images;

    /// <summary>One for each channel; read where <see cref="HasBias"/>.</summary>
    internal ArrayView<float> Bias;

    /// <summary>Channels of a group.</summary>
    internal int Rows;

    /// <summary>Pixels of all images.</summary>
    internal int Columns;

    /// <summary>Pixels along a row.</summary>
    internal int GridColumns;

    /// <summary>Pixels of an image.</summary>
    internal int GridArea;

    /// <summary>Elements before the first pixel.</summary>
    internal int First;

    internal int ImageStep;
    internal int ChannelStep;

    /// <summary>Elements from a pixel to the one below it.</summary>
    internal int RowStep;

    /// <summary>Elements from a pixel to the one right of it.</summary>
    internal int ColumnStep;

    internal int HasBias;
    internal int Relu;

    /// <summary>1 where neighbouring pixels lie side by side in whole quads at 16-byte addresses.</summary>
    internal int Aligned;

    private int _firstChannel;
    private int _exist;
    private int _at0;
    private int _at1;
    private int _at2;
    private int _at3;

    /// <summary>Every so many rows and columns of the images, from the first on.</summary>
    internal static ImageTarget Of(in View images, int groups, (int First, int Every, int Count) rows, (int First, int Every, int Count) columns)
    {
        int channels = images.Shape[1], width = images.Shape[3], area = images.Shape[2] * width;
        var target = new ImageTarget
        {
            Images = ((GpuBuffer)images.Buffer).Floats.SubView(images.Offset),
            Rows = channels / groups,
            Columns = images.Shape[0] * rows.Count * columns.Count,
            GridColumns = columns.Count,
            GridArea = rows.Count * columns.Count,
            First = rows.First * width + columns.First,
            ImageStep = channels * area,
            ChannelStep = area,
            RowStep = rows.Every * width,
            ColumnStep = columns.Every,
        };
        target.Bias = target.Images;
        target.Aligned = target.GridArea == area && (images.Offset | (long)area) % Float4.Count == 0 ? 1 : 0;
        return target;
    }

    public void Seek(int batch) => _firstChannel = batch * Rows;

    public void SeekColumns(int first)
    {
        _exist = Columns - first;
        _at0 = At(first);
        if (Aligned == 0)
        {
            _at1 = At(first + 1);
            _at2 = At(first + 2);
            _at3 = At(first + 3);
        }
    }

    public readonly void Put(int row, Float4 sums)
    {
        if (row >= Rows || _exist <= 0)
        {
            return;
        }

        var channel = _firstChannel + row;
        if (HasBias != 0)
        {
            var bias = Bias[channel];
            sums = sums.Plus(new Float4(bias, bias, bias, bias));
        }

        if (Relu != 0)
        {
            sums = sums.Relu();
        }

        var first = channel * ChannelStep;
        if (Aligned != 0)
        {
            Images.Cast<Float4>()[(first + _at0) >> 2] = sums;
        }
        else
        {
            Images[first + _at0] = sums.X;
            Put(first + _at1, 1, sums.Y);
            Put(first + _at2, 2, sums.Z);
            Put(first + _at3, 3, sums.W);
        }
    }

    private readonly int At(int column)
    {
        int image = column / GridArea, pixel = column % GridArea;
        return First + image * ImageStep + pixel / GridColumns * RowStep + pixel % GridColumns * ColumnStep;
    }

    private readonly void Put(int at, int column, float value)
    {
        if (column < _exist)
        {
            Images[at] = value;
        }
    }
}
