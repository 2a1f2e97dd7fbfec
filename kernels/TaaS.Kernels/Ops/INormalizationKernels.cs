namespace TaaS.Kernels;

/// <summary>Batch normalisation (Ioffe and Szegedy 2015, arXiv:1502.03167) and layer normalisation (Ba et al. 2016, arXiv:1607.06450). All views contiguous.</summary>
public interface INormalizationKernels
{
    /// <summary>
    /// Training: normalises each channel by the batch's own mean and (biased) variance, and moves the running ones: r = (1 − momentum)·r + momentum·batch, the variance unbiased there.
    /// <b>Shapes</b>: x, y: [N, C, H, W]; gamma, beta, runningMean, runningVariance, savedMean, savedInverseStd: [C].
    /// </summary>
    void BatchForward(View x, View gamma, View beta, View runningMean, View runningVariance, View y, View savedMean, View savedInverseStd, float momentum, float epsilon);

    /// <summary>Gradients of <see cref="BatchForward"/>. <b>Shapes</b>: dx as x; dgamma, dbeta: [C].</summary>
    void BatchBackward(View x, View gamma, View savedMean, View savedInverseStd, View dy, View dx, View dgamma, View dbeta);

    /// <summary>Inference: y = (x − mean) / √(variance + epsilon) · gamma + beta for each channel.</summary>
    void BatchInference(View x, View gamma, View beta, View mean, View variance, View y, float epsilon);

    /// <summary>Normalises each row. <b>Shapes</b>: x, y: [rows, D]; gamma, beta: [D]; savedMean, savedInverseStd: [rows].</summary>
    void LayerForward(View x, View gamma, View beta, View y, View savedMean, View savedInverseStd, float epsilon);

    /// <summary>Gradients of <see cref="LayerForward"/>. <b>Shapes</b>: dx as x; dgamma, dbeta: [D].</summary>
    void LayerBackward(View x, View gamma, View savedMean, View savedInverseStd, View dy, View dx, View dgamma, View dbeta);
}
