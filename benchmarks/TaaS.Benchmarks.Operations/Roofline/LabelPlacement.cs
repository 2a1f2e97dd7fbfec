namespace TaaS.Benchmarks.Operations.Roofline;

/// <summary>A box of a picture, in pixels.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
internal readonly record struct Box(double X, double Y, double Width, double Height)
{
    internal double CentreX => X + Width / 2;

    internal double CentreY => Y + Height / 2;

    internal bool Overlaps(Box other) => X < other.X + other.Width && other.X < X + Width && Y < other.Y + other.Height && other.Y < Y + Height;

    internal bool Lies(Box inside) => X >= inside.X && Y >= inside.Y && X + Width <= inside.X + inside.Width && Y + Height <= inside.Y + inside.Height;
}

/// <summary>Places for labels beside their points, so that none covers a point or another label: the nearest free place on circles of growing size.</summary>
internal sealed class LabelPlacement(Box area)
{
    private const int Directions = 24;
    private const double Step = 4;

    private readonly List<Box> _taken = [];

    /// <summary>Keeps a place free of labels.</summary>
    internal void Take(Box box) => _taken.Add(box);

    /// <summary>Finds and takes a place for a label of a point; the last tried where all is full.</summary>
    internal Box Place(double x, double y, double width, double height)
    {
        var most = Math.Max(area.Width, area.Height);
        Box box = default;
        for (var distance = 6 + height / 2; distance < most; distance += Step)
        {
            for (var direction = 0; direction < Directions; direction++)
            {
                // From the upper right, around.
                var (sine, cosine) = Math.SinCos(-Math.PI / 4 + direction * 2 * Math.PI / Directions);
                box = new Box(x + cosine * (distance + width / 2 - height / 2) - width / 2, y + sine * distance - height / 2, width, height);
                if (box.Lies(area) && !_taken.Exists(taken => taken.Overlaps(box)))
                {
                    Take(box);
                    return box;
                }
            }
        }

        return box;
    }
}
