namespace TaaS.Kernels;

/// <summary>Softmax over the last axis, stable by subtracting the maximum. <b>Shapes</b>: x, y: [rows, classes], contiguous.</summary>
public interface ISoftmaxKernels
{
    /// <summary>y = eˣ / Σ eˣ. A row with NaN, or with +inf, becomes NaN.</summary>
    void Softmax(View x, View y);

    /// <summary>dx = y · (dy − Σ dy·y).</summary>
    void SoftmaxBackward(View y, View dy, View dx);

    /// <summary>y = x − log Σ eˣ.</summary>
    void LogSoftmax(View x, View y);

    /// <summary>dx = dy − eʸ · Σ dy.</summary>
    void LogSoftmaxBackward(View y, View dy, View dx);

    /// <summary>
    /// Mean over rows of −log softmax(logits)[label], with the gradient of the logits in the same pass.
    /// <b>Shapes</b>: logits: [rows, classes], labels: Int32 [rows], loss: one element, dlogits: [rows, classes] = (softmax − onehot) / rows.
    /// Labels lie in 0..classes−1 (checked where data enters).
    /// </summary>
    void CrossEntropy(View logits, View labels, View loss, View dlogits);
}
