namespace TaaS.Engine;

public static partial class F
{
    /// <summary>
    /// Sets each element to 0 with probability p and scales the rest by 1 / (1 − p); a replayed step draws anew.
    /// <b>Source</b>: Srivastava et al. 2014, in the inverted form.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">p outside [0, 1).</exception>
    public static Tensor Dropout(Tensor x, float p, Generator generator)
    {
        if (p is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(p), $"dropout: p must be at least 0 and below 1, got {p}");
        }

        x = x.Contiguous();
        var (device, input, seed) = (x.Device, x.View, generator.Seed);
        var output = Tensor.Empty(x.Shape, device).View;
        ulong offset = 0;
        Launcher.RunVarying(() =>
        {
            offset = generator.Reserve(input.Elements);
            device.Random.Dropout(input, output, p, seed, offset);
        });
        return Tensor.Result(output, Backward, x);

        Tensor?[] Backward(Tensor dy)
        {
            var (gradient, result) = (dy.Contiguous().View, Tensor.Empty(x.Shape, device).View);
            Launcher.RunVarying(() => device.Random.Dropout(gradient, result, p, seed, offset));
            return [new Tensor(result)];
        }
    }
}
