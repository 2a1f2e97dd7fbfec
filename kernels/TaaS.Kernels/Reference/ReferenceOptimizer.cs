namespace TaaS.Kernels.Reference;

internal sealed class ReferenceOptimizer : IOptimizerKernels
{
    public void Sgd(View parameter, View gradient, View? velocity, float rate, float momentum, float decay, bool nesterov)
    {
        var w = parameter.Floats;
        for (var i = 0; i < w.Length; i++)
        {
            var g = gradient.Floats[i] + (double)decay * w[i];
            if (momentum != 0)
            {
                var v = velocity!.Value.Floats;
                v[i] = (float)((double)momentum * v[i] + g);
                g = nesterov ? g + (double)momentum * v[i] : v[i];
            }

            w[i] = (float)(w[i] - rate * g);
        }
    }

    public void Adam(View parameter, View gradient, View first, View second, long step, float rate, float beta1, float beta2, float epsilon, float decay, bool decoupled)
    {
        Span<float> w = parameter.Floats, m = first.Floats, v = second.Floats;
        double correction1 = 1 - Math.Pow(beta1, step), correction2 = 1 - Math.Pow(beta2, step);
        for (var i = 0; i < w.Length; i++)
        {
            var g = gradient.Floats[i] + (decoupled ? 0 : (double)decay * w[i]);
            var shrunk = decoupled ? w[i] - (double)rate * decay * w[i] : w[i];
            m[i] = (float)(beta1 * (double)m[i] + (1 - (double)beta1) * g);
            v[i] = (float)(beta2 * (double)v[i] + (1 - (double)beta2) * g * g);
            w[i] = (float)(shrunk - rate * (m[i] / correction1) / (Math.Sqrt(v[i] / correction2) + epsilon));
        }
    }

    public void RmsProp(View parameter, View gradient, View square, float rate, float alpha, float epsilon, float decay)
    {
        Span<float> w = parameter.Floats, s = square.Floats;
        for (var i = 0; i < w.Length; i++)
        {
            var g = gradient.Floats[i] + (double)decay * w[i];
            s[i] = (float)(alpha * (double)s[i] + (1 - (double)alpha) * g * g);
            w[i] = (float)(w[i] - rate * g / (Math.Sqrt(s[i]) + epsilon));
        }
    }

    public void AdaGrad(View parameter, View gradient, View sum, float rate, float epsilon, float decay)
    {
        Span<float> w = parameter.Floats, s = sum.Floats;
        for (var i = 0; i < w.Length; i++)
        {
            var g = gradient.Floats[i] + (double)decay * w[i];
            s[i] = (float)(s[i] + g * g);
            w[i] = (float)(w[i] - rate * g / (Math.Sqrt(s[i]) + epsilon));
        }
    }
}
