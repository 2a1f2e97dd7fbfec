namespace TaaS.Kernels.Gpu;

/// <summary>What a row's maximum and sum become.</summary>
internal interface ISoftmaxOutput
{
    /// <summary>Whether rows have labels and a loss.</summary>
    static abstract bool HasLabels { get; }

    /// <summary>The number that all of a row needs, from Σ e^(x − largest).</summary>
    static abstract float Term(float sum, int rows);

    /// <summary>One result: of x, e = e^(x − center), the row's term, and where the label stands.</summary>
    static abstract float Apply(float x, float e, float center, float term, bool isLabel, int rows);
}

/// <summary>eˣ / Σ eˣ.</summary>
internal readonly struct SoftmaxOutput : ISoftmaxOutput
{
    public static bool HasLabels => false;

    public static float Term(float sum, int rows) => 1f / sum;

    public static float Apply(float x, float e, float center, float term, bool isLabel, int rows) => e * term;
}

/// <summary>x − log Σ eˣ.</summary>
internal readonly struct LogSoftmaxOutput : ISoftmaxOutput
{
    public static bool HasLabels => false;

    public static float Term(float sum, int rows) => GpuMath.Log(sum);

    public static float Apply(float x, float e, float center, float term, bool isLabel, int rows) => x - center - term;
}

/// <summary>The gradient of the mean cross-entropy: (softmax − onehot) / rows.</summary>
internal readonly struct CrossEntropyOutput : ISoftmaxOutput
{
    public static bool HasLabels => true;

    public static float Term(float sum, int rows) => 1f / (sum * rows);

    public static float Apply(float x, float e, float center, float term, bool isLabel, int rows) => isLabel ? e * term - 1f / rows : e * term;
}
