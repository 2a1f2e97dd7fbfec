using TaaS.Kernels;

namespace TaaS.Engine.Optim;

/// <summary>RMSProp; see <see cref="IOptimizerKernels.RmsProp"/>.</summary>
public sealed class RmsProp(IEnumerable<(string Name, Tensor Value)> parameters, float learningRate = 1e-2f, float alpha = 0.99f, float epsilon = 1e-8f, float weightDecay = 0)
    : Optimizer(parameters, learningRate)
{
    private protected override void Update(string name, Tensor parameter, View gradient)
    {
        var (device, weight, square) = (parameter.Device, parameter.View, Slot("square", name, parameter));
        Launcher.RunVarying(() => device.Optimizer.RmsProp(weight, gradient, square, LearningRate, alpha, epsilon, weightDecay));
    }
}
