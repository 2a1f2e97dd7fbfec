using TaaS.Engine;
using TaaS.Kernels;

namespace TaaS.Runtime;

/// <summary>The mean of the losses of several steps, added up where they are computed, so that only who asks for it waits for the device.</summary>
internal sealed class LossMean(Device device)
{
    private readonly View _sum = Tensor.Zeros(Shape.Scalar, device).View;
    private int _count;

    /// <summary>Adds the loss of the step that was launched last.</summary>
    public void Add(Tensor loss)
    {
        device.Elementwise.Axpy(1, loss.View, _sum);
        _count++;
    }

    /// <summary>The mean since this was last asked for; NaN over none.</summary>
    public double Take()
    {
        var sum = 0f;
        _sum.Buffer.Download(new Span<float>(ref sum));
        device.Elementwise.Fill(_sum, 0);
        var mean = (double)sum / _count;
        _count = 0;
        return mean;
    }
}
