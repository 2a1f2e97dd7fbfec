namespace TaaS.Kernels;

/// <summary>
/// Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405), so that any element can be drawn alone, in any order, on any device.
/// Element i takes word i mod 4 of the block with key = seed and counter = (offset + i/4).
/// </summary>
public interface IRandomKernels
{
    /// <summary>y = uniform in [low, high): word >> 8 times 2⁻²⁴, scaled. y contiguous.</summary>
    void Uniform(View y, float low, float high, ulong seed, ulong offset);

    /// <summary>y = normal by Box-Muller over word pairs. y contiguous.</summary>
    void Normal(View y, float mean, float deviation, ulong seed, ulong offset);

    /// <summary>y = x / (1 − p) where the uniform draw ≥ p, else 0; the same call on dy gives the gradient, no mask is kept. x, y contiguous, y may be x. 0 ≤ p &lt; 1.</summary>
    void Dropout(View x, View y, float p, ulong seed, ulong offset);
}
