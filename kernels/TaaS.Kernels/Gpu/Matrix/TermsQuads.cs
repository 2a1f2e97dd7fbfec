using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>How threads share a panel in quads of four terms of a line: neighbouring threads have one line, then the next.</summary>
internal static class TermsQuads<TPanel>
    where TPanel : struct, IPanel
{
    /// <summary>Lines from a thread's quad to its next.</summary>
    internal static int LinesApart => TPanel.Threads / Across;

    private static int Across => TPanel.Depth / Float4.Count;

    /// <summary>Line of a thread's first quad.</summary>
    internal static int Line(int thread) => thread / Across;

    /// <summary>First term of a thread's quads.</summary>
    internal static int Term(int thread) => thread % Across * Float4.Count;

    /// <summary>Puts a quad into the panel, where its terms lie a row apart.</summary>
    internal static void Stage(ArrayView<Float4> panel, int thread, int quad, Float4 values)
    {
        var at = panel.Cast<float>().SubView(Term(thread) * Panel<TPanel>.Pitch + Line(thread));
        var down = quad * LinesApart;
        at[down] = values.X;
        at[down + Panel<TPanel>.Pitch] = values.Y;
        at[down + Panel<TPanel>.Pitch * 2] = values.Z;
        at[down + Panel<TPanel>.Pitch * 3] = values.W;
    }
}
