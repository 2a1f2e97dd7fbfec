using TaaS.Kernels;

namespace TaaS.Engine.Optim;

/// <summary>Stochastic gradient descent with momentum, Nesterov's variant and weight decay; see <see cref="IOptimizerKernels.Sgd"/>.</summary>
public sealed class Sgd(IEnumerable<(string Name, Tensor Value)> parameters, float learningRate, float momentum = 0, float weightDecay = 0, bool nesterov = false)
    : Optimizer(parameters, learningRate)
{
    private protected override void Update(string name, Tensor parameter, View gradient)
    {
        var (device, weight) = (parameter.Device, parameter.View);
        View? velocity = momentum == 0 ? null : Slot("velocity", name, parameter);
        Launcher.RunVarying(() => device.Optimizer.Sgd(weight, gradient, velocity, LearningRate, momentum, weightDecay, nesterov));
    }
}
