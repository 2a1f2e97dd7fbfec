using ILGPU;

namespace TaaS.Benchmarks.Operations.Timing;

/// <summary>Eight chains of multiply-adds for each thread, independent of each other, so that none waits for its own last result.</summary>
internal static class MultiplyAddKernel
{
    /// <summary>Multiply-adds of a thread in a round.</summary>
    internal const int OfARound = Chains * Links;

    private const int Chains = 8;
    private const int Links = 16;

    /// <summary>Each chain goes to b / (1 − a), whatever it starts from; the sum of the chains is kept, or there would be nothing to compute.</summary>
    internal static void Spin(ArrayView<float> y, float a, float b, int rounds)
    {
        var lanes = new Lanes(Group.IdxX);
        for (var round = 0; round < rounds; round++)
        {
            // Links of them: a loop's own instructions would share the time.
            lanes.Advance(a, b);
            lanes.Advance(a, b);
            lanes.Advance(a, b);
            lanes.Advance(a, b);
            lanes.Advance(a, b);
            lanes.Advance(a, b);
            lanes.Advance(a, b);
            lanes.Advance(a, b);
            lanes.Advance(a, b);
            lanes.Advance(a, b);
            lanes.Advance(a, b);
            lanes.Advance(a, b);
            lanes.Advance(a, b);
            lanes.Advance(a, b);
            lanes.Advance(a, b);
            lanes.Advance(a, b);
        }

        y[Grid.IdxX * Group.DimX + Group.IdxX] = lanes.Sum;
    }

    private struct Lanes(int start)
    {
        private float _a = start;
        private float _b = start + 1;
        private float _c = start + 2;
        private float _d = start + 3;
        private float _e = start + 4;
        private float _f = start + 5;
        private float _g = start + 6;
        private float _h = start + 7;

        internal readonly float Sum => _a + _b + _c + _d + _e + _f + _g + _h;

        internal void Advance(float a, float b)
        {
            _a = _a * a + b;
            _b = _b * a + b;
            _c = _c * a + b;
            _d = _d * a + b;
            _e = _e * a + b;
            _f = _f * a + b;
            _g = _g * a + b;
            _h = _h * a + b;
        }
    }
}
