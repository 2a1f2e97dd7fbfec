using TaaS.Kernels;

namespace TaaS.Engine.Optim;

/// <summary>Gradient clipping, in place, between backward and step.</summary>
public static class ClipGradients
{
    /// <summary>Scales all gradients together so that their joint 2-norm is at most <paramref name="maxNorm"/>. <b>Source</b>: Pascanu et al. 2013, arXiv:1211.5063.</summary>
    public static void ByNorm(IEnumerable<Tensor> parameters, float maxNorm)
    {
        var gradients = Gradients(parameters);
        if (gradients.Length == 0)
        {
            return;
        }

        using var _ = NoGrad.Scope();
        var total = F.Sum(gradients[0] * gradients[0]);
        foreach (var gradient in gradients.AsSpan(1))
        {
            total += F.Sum(gradient * gradient);
        }

        // min(1, maxNorm / norm), kept in a tensor so that a recorded step computes it anew.
        var norm = F.Sqrt(total) + 1e-6f;
        var one = Tensor.Full(Shape.Scalar, 1, norm.Device);
        var scale = -F.Maximum(-(one * maxNorm / norm), -one);
        foreach (var gradient in gradients)
        {
            gradient.CopyFrom(gradient * scale);
        }
    }

    /// <summary>Limits every element of every gradient to ±<paramref name="limit"/>.</summary>
    public static void ByValue(IEnumerable<Tensor> parameters, float limit)
    {
        foreach (var gradient in Gradients(parameters))
        {
            var (view, device) = (gradient.View, gradient.Device);
            Launcher.Run(() =>
            {
                device.Elementwise.BinaryScalar(BinaryOp.Minimum, view, limit, view);
                device.Elementwise.BinaryScalar(BinaryOp.Maximum, view, -limit, view);
            });
        }
    }

    private static Tensor[] Gradients(IEnumerable<Tensor> parameters) =>
        [.. parameters.Where(static parameter => parameter.Grad is not null).Select(static parameter => parameter.Grad!)];
}
