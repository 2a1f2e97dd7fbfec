using TaaS.Kernels;

namespace TaaS.Engine;

/// <summary>Every check of shapes, in one place: kernels behind it trust what they get. Each rule gives the shape of the result.</summary>
internal static class ShapeRules
{
    public static Shape Broadcast(string op, Shape a, Shape b)
    {
        var rank = Math.Max(a.Rank, b.Rank);
        Span<int> lengths = stackalloc int[rank];
        for (var axis = 1; axis <= rank; axis++)
        {
            var left = axis <= a.Rank ? a[-axis] : 1;
            var right = axis <= b.Rank ? b[-axis] : 1;
            lengths[^axis] = left == right || right == 1 ? left
                : left == 1 ? right
                : throw new ShapeException($"{op}: {a} and {b} do not broadcast, axis {-axis} is {left} against {right}; make them equal or one of them 1");
        }

        return new Shape(lengths);
    }

    public static Shape Reshape(Shape x, ReadOnlySpan<int> lengths)
    {
        long known = 1;
        var open = -1;
        for (var axis = 0; axis < lengths.Length; axis++)
        {
            if (lengths[axis] == -1 && open < 0)
            {
                open = axis;
            }
            else
            {
                known *= lengths[axis];
            }
        }

        Span<int> result = stackalloc int[lengths.Length];
        lengths.CopyTo(result);
        if (open >= 0 && known > 0 && x.Elements % known == 0)
        {
            result[open] = (int)(x.Elements / known);
            known = x.Elements;
        }

        return known == x.Elements && !result.Contains(-1)
            ? new Shape(result)
            : throw new ShapeException($"reshape: {x} has {x.Elements} elements and cannot become [{string.Join(',', lengths.ToArray())}]; one length may be -1, the product must agree");
    }

    public static Shape MatMul(Shape a, Shape b)
    {
        if (a.Rank is not (2 or 3) || b.Rank is not (2 or 3))
        {
            throw new ShapeException($"matmul: takes matrices or batches of them, got {a} and {b}; reshape to rank 2 or 3");
        }

        if (a[-1] != b[-2])
        {
            throw new ShapeException($"matmul: inner lengths differ, {a[-1]} against {b[-2]}; a={a}, b={b}; transpose one of them?");
        }

        var batchA = a.Rank == 3 ? a[0] : 1;
        var batchB = b.Rank == 3 ? b[0] : 1;
        if (batchA != batchB && batchA != 1 && batchB != 1)
        {
            throw new ShapeException($"matmul: batches differ, {batchA} against {batchB}; a={a}, b={b}");
        }

        return a.Rank == 2 && b.Rank == 2 ? new Shape(a[0], b[1]) : new Shape(Math.Max(batchA, batchB), a[-2], b[-1]);
    }

    public static Shape Linear(Shape x, Shape w, Shape? bias)
    {
        if (x.Rank != 2 || w.Rank != 2 || x[1] != w[1])
        {
            var features = x.Rank == 2 ? $"input has {x[1]} features, weight expects {(w.Rank == 2 ? w[1] : 0)}" : "input must be [batch, features]";
            throw new ShapeException($"linear: {features}; x={x}, w={w}; check inFeatures, or flatten the input");
        }

        CheckVector("linear", "bias", bias, w[0]);
        return new Shape(x[0], w[0]);
    }

    public static Shape Conv2d(Shape x, Shape w, Shape? bias, Conv2dGeometry g)
    {
        if (x.Rank != 4 || w.Rank != 4)
        {
            throw new ShapeException($"conv2d: input must be [N,C,H,W] and weight [K,C/groups,R,S]; x={x}, w={w}");
        }

        if (g.StrideH < 1 || g.StrideW < 1 || g.DilationH < 1 || g.DilationW < 1 || g.PadH < 0 || g.PadW < 0 || g.Groups < 1)
        {
            throw new ShapeException($"conv2d: stride, dilation and groups must be at least 1 and padding at least 0; got {g}");
        }

        if (x[1] != w[1] * g.Groups)
        {
            throw new ShapeException($"conv2d: input has {x[1]} channels, weight expects {w[1] * g.Groups}; x={x}, w={w}; check inChannels");
        }

        if (w[0] % g.Groups != 0)
        {
            throw new ShapeException($"conv2d: {w[0]} filters do not divide into {g.Groups} groups; w={w}; check outChannels");
        }

        CheckVector("conv2d", "bias", bias, w[0]);
        int h = g.OutputH(x[2], w[2]), v = g.OutputW(x[3], w[3]);
        return x[2] + 2 * g.PadH >= g.DilationH * (w[2] - 1) + 1 && x[3] + 2 * g.PadW >= g.DilationW * (w[3] - 1) + 1
            ? new Shape(x[0], w[0], h, v)
            : throw new ShapeException($"conv2d: the filter does not fit the padded image; x={x}, w={w}, {g}; add padding or use a smaller filter");
    }

    public static Shape Pool2d(string op, Shape x, Pool2dGeometry g)
    {
        if (x.Rank != 4)
        {
            throw new ShapeException($"{op}: input must be [N,C,H,W], got {x}");
        }

        if (g.WindowH < 1 || g.WindowW < 1 || g.StrideH < 1 || g.StrideW < 1 || g.PadH < 0 || g.PadW < 0 || g.PadH * 2 > g.WindowH || g.PadW * 2 > g.WindowW)
        {
            throw new ShapeException($"{op}: window and stride must be at least 1 and padding at most half the window; got {g}");
        }

        return x[2] + 2 * g.PadH >= g.WindowH && x[3] + 2 * g.PadW >= g.WindowW
            ? new Shape(x[0], x[1], g.OutputH(x[2]), g.OutputW(x[3]))
            : throw new ShapeException($"{op}: a window of {g.WindowH}x{g.WindowW} does not fit the image; x={x}; use a smaller window");
    }

    public static void CrossEntropy(Shape logits, Shape labels)
    {
        if (logits.Rank != 2 || labels.Rank != 1 || labels[0] != logits[0])
        {
            throw new ShapeException($"cross-entropy: takes logits [batch, classes] and labels [batch], got {logits} and {labels}");
        }
    }

    public static void BatchNorm(Shape x, Shape gamma)
    {
        if (x.Rank != 4 || gamma.Rank != 1 || gamma[0] != x[1])
        {
            throw new ShapeException($"batchnorm2d: input must be [N,C,H,W] with C={gamma.Elements} channels, got {x}; check the number of features");
        }
    }

    /// <summary>Layer normalisation over the last axis; gives the input as [rows, D].</summary>
    public static Shape LayerNorm(Shape x, Shape gamma) => x.Rank >= 1 && gamma.Rank == 1 && gamma[0] == x[-1] && x[-1] > 0
        ? new Shape((int)(x.Elements / x[-1]), x[-1])
        : throw new ShapeException($"layernorm: the last axis of {x} must have {gamma.Elements} elements; check the normalised length");

    /// <summary>Rows and classes of an operation on the last axis.</summary>
    public static Shape Rows(string op, Shape x) => x.Rank >= 1 && x[-1] > 0
        ? new Shape((int)(x.Elements / x[-1]), x[-1])
        : throw new ShapeException($"{op}: works on the last axis, which {x} lacks or has empty");

    public static void Same(string op, Shape a, Shape b)
    {
        if (a != b)
        {
            throw new ShapeException($"{op}: shapes differ, {a} against {b}");
        }
    }

    private static void CheckVector(string op, string name, Shape? vector, int length)
    {
        if (vector is { } shape && (shape.Rank != 1 || shape[0] != length))
        {
            throw new ShapeException($"{op}: {name} must be [{length}], got {shape}");
        }
    }
}
