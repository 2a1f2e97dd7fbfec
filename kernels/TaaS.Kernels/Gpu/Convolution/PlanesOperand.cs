using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>The channels of images as lines, whose terms are the pixels of all images: side by side within a plane, then on in the next image. Quads are turned on their way into shared memory.</summary>
internal struct PlanesOperand : IOperand
{
    internal ArrayView<float> Images;

    /// <summary>Pixels of a plane.</summary>
    internal int Area;

    /// <summary>Elements between images.</summary>
    internal int ImageStep;

    internal int ImageCount;

    /// <summary>Channels of a group.</summary>
    internal int Lines;

    /// <summary>1 where planes are whole quads at 16-byte addresses.</summary>
    internal int Aligned;

    private int _line;
    private int _first;
    private int _image;
    private int _pixel;

    public void Seek<TPanel>(int thread, int firstLine, int firstTerm, int batch)
        where TPanel : struct, IPanel
    {
        var term = firstTerm + TermsQuads<TPanel>.Term(thread);
        _line = firstLine + TermsQuads<TPanel>.Line(thread);
        _first = batch * Lines * Area;
        _image = term / Area;
        _pixel = term % Area;
    }

    public readonly Float4 Fetch<TPanel>(int quad)
        where TPanel : struct, IPanel
    {
        var line = _line + quad * TermsQuads<TPanel>.LinesApart;
        if (line >= Lines || _image >= ImageCount)
        {
            return default;
        }

        var plane = _first + line * Area;
        if (Aligned != 0)
        {
            return Images.Cast<Float4>()[(plane + _image * ImageStep + _pixel) >> 2];
        }

        int image = _image, pixel = _pixel;
        Float4 values;
        values.X = Element(plane, ref image, ref pixel);
        values.Y = Element(plane, ref image, ref pixel);
        values.Z = Element(plane, ref image, ref pixel);
        values.W = Element(plane, ref image, ref pixel);
        return values;
    }

    public readonly void Stage<TPanel>(ArrayView<Float4> panel, int thread, int quad, Float4 values)
        where TPanel : struct, IPanel => TermsQuads<TPanel>.Stage(panel, thread, quad, values);

    public void Advance<TPanel>()
        where TPanel : struct, IPanel
    {
        for (_pixel += TPanel.Depth; _pixel >= Area; _pixel -= Area)
        {
            _image++;
        }
    }

    /// <summary>The element at hand, and one step on.</summary>
    private readonly float Element(int plane, ref int image, ref int pixel)
    {
        var value = image < ImageCount ? Images[plane + image * ImageStep + pixel] : 0f;
        pixel++;
        var ends = pixel == Area;
        pixel = ends ? 0 : pixel;
        image += ends ? 1 : 0;
        return value;
    }
}
