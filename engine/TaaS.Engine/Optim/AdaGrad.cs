using TaaS.Kernels;

namespace TaaS.Engine.Optim;

/// <summary>AdaGrad; see <see cref="IOptimizerKernels.AdaGrad"/>.</summary>
public sealed class AdaGrad(IEnumerable<(string Name, Tensor Value)> parameters, float learningRate = 1e-2f, float epsilon = 1e-10f, float weightDecay = 0)
    : Optimizer(parameters, learningRate)
{
    private protected override void Update(string name, Tensor parameter, View gradient)
    {
        var (device, weight, sum) = (parameter.Device, parameter.View, Slot("sum", name, parameter));
        Launcher.RunVarying(() => device.Optimizer.AdaGrad(weight, gradient, sum, LearningRate, epsilon, weightDecay));
    }
}
