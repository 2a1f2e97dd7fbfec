using System.Globalization;

namespace TaaS.Benchmarks.Operations.Roofline;

/// <summary>A logarithmic axis: whole decades of values over a stretch of pixels.</summary>
/// <param name="least">Smallest value to show.</param>
/// <param name="most">Largest value to show.</param>
/// <param name="from">Where the smallest decade begins, in pixels.</param>
/// <param name="to">Where the largest ends.</param>
internal sealed class LogAxis(double least, double most, double from, double to)
{
    private readonly double _low = Math.Floor(Math.Log10(least) * Parts) / Parts;
    private readonly double _high = Math.Ceiling(Math.Log10(most) * Parts) / Parts;

    // Ends lie on thirds of a decade (about 1, 2 and 5), so that little room is lost.
    private const int Parts = 3;

    /// <summary>Smallest value on the axis.</summary>
    internal double Low => Math.Pow(10, _low);

    /// <summary>Largest value on the axis.</summary>
    internal double High => Math.Pow(10, _high);

    /// <summary>Powers of ten on the axis.</summary>
    internal IEnumerable<double> Decades
    {
        get
        {
            for (var power = (int)Math.Ceiling(_low); power <= _high; power++)
            {
                yield return Math.Pow(10, power);
            }
        }
    }

    /// <summary>Twice and five times the powers of ten.</summary>
    internal IEnumerable<double> Between
    {
        get
        {
            for (var power = (int)Math.Floor(_low); power <= _high; power++)
            {
                foreach (var factor in (double[])[2, 5])
                {
                    var value = factor * Math.Pow(10, power);
                    if (value >= Low && value <= High)
                    {
                        yield return value;
                    }
                }
            }
        }
    }

    /// <summary>Pixel of a value.</summary>
    internal double At(double value) => from + (Math.Log10(value) - _low) / (_high - _low) * (to - from);

    /// <summary>A value as a label: no more digits than it needs.</summary>
    internal static string Label(double value) => value.ToString(value is >= 0.001 and < 1e6 ? "0.####" : "0e0", CultureInfo.InvariantCulture);
}
