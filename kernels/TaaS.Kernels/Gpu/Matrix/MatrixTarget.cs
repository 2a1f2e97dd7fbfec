using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>result = act(alpha · sum + beta · result + bias), row-major. A kernel argument: plain fields only.</summary>
internal struct MatrixTarget : ITarget
{
    internal ArrayView<float> Result;

    /// <summary>One for each column; read where <see cref="HasBias"/>.</summary>
    internal ArrayView<float> Bias;

    internal int Rows;
    internal int Columns;
    internal int RowStep;
    internal int BatchStep;
    internal float Alpha;

    /// <summary>0 overwrites whatever the result holds.</summary>
    internal float Beta;

    internal int HasBias;
    internal int Relu;

    /// <summary>1 where every quad of the result lies at a 16-byte address.</summary>
    internal int Aligned;

    private int _batch;
    private int _first;
    private int _exist;
    private Float4 _bias;

    public void Seek(int batch) => _batch = batch * BatchStep;

    public void SeekColumns(int first)
    {
        _first = _batch + first;
        _exist = Columns - first;
        _bias = HasBias != 0 ? Float4.Load(Bias, first, _exist) : default;
    }

    public readonly void Put(int row, Float4 sums)
    {
        if (row >= Rows)
        {
            return;
        }

        var at = _first + row * RowStep;
        var whole = Aligned != 0 && _exist >= Float4.Count;
        var value = sums.Times(Alpha).Plus(_bias);
        if (Beta != 0f)
        {
            var before = whole ? Result.Cast<Float4>()[at >> 2] : Float4.Load(Result, at, _exist);
            value = before.Times(Beta).Plus(value);
        }

        if (Relu != 0)
        {
            value = value.Relu();
        }

        if (whole)
        {
            Result.Cast<Float4>()[at >> 2] = value;
        }
        else
        {
            value.Store(Result, at, _exist);
        }
    }
}
